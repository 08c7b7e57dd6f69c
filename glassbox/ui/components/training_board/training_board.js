// A network in training. The server trains and evaluates; the browser draws what it sends and asks for more.
const PAUSE = 120 // ms between two requests at least, so that several visitors share the server's cores
const PATIENCE = 4000 // ms until an unanswered request is given up
const NODE_TOP = 64
const boards = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-pg")
  let board = boards.get(root)
  if (!board) boards.set(root, (board = createBoard(root)))
  board.send = (request) => setTriggerValue("asked", request)
  board.show(data)
}

function createBoard(root) {
  const find = (name) => root.querySelector(`.gb-pg-${name}`)
  const net = find("net"), svg = net.querySelector("svg"), surface = find("surface"), lossChart = find("loss")
  const [fewer, more] = find("layers").querySelectorAll("button")
  const speed = find("speed").querySelector("select")
  const state = { playing: false, asked: 0, waiting: null, hovered: null, picked: null, at: null, colours: null }
  const nodes = new Map(), links = [], sheet = document.createElement("canvas")
  let data, palette, layout = ""
  const board = { show } // and `send`, which each drawing brings anew

  // Asking: one request at a time; the next one follows the answer, so that a slow server is never swamped.
  function ask(request) {
    state.waiting = { ...request, number: ++state.asked }
    board.send(state.waiting)
    clearTimeout(state.timer)
    state.timer = setTimeout(() => ((state.waiting = null), train()), PATIENCE)
    state.since = performance.now()
  }
  function train() {
    if (state.playing && !state.waiting && root.isConnected && !document.hidden) ask({ kind: "train", epochs: Number(speed.value) })
  }
  function play(playing) {
    state.playing = playing
    find("play").textContent = playing ? `❚❚ ${data.words.pause}` : `▶ ${data.words.play}`
    find("play").setAttribute("aria-pressed", playing)
    if (playing && !state.waiting) train()
  }
  document.addEventListener("visibilitychange", () => !document.hidden && !state.waiting && train())
  find("play").onclick = () => play(!state.playing)
  find("step").onclick = () => (play(false), ask({ kind: "train", epochs: 1 }))
  find("reset").onclick = () => (play(false), ask({ kind: "reset" }))
  const sizes = () => data.layers.slice(0, -1).map((layer) => layer.biases.length)
  const shape = (layers, features = data.chosen) => (play(false), ask({ kind: "shape", layers, features }))
  fewer.onclick = () => shape(sizes().slice(0, -1))
  more.onclick = () => shape([...sizes(), sizes().at(-1) ?? 4])

  function show(next) {
    const other = data && data.version !== next.version
    data = next
    const css = getComputedStyle(root)
    const paper = css.getPropertyValue("--st-background-color").trim() || "#fff"
    const ink = css.getPropertyValue("--st-text-color").trim() || "#000"
    const [negative, positive] = data.colours.signed
    palette = { paper: rgb(paper).slice(), ink, negative: rgb(negative).slice(), positive: rgb(positive).slice(), css: { paper, negative, positive }, classes: data.classes.length > 2 ? data.colours.classes : [negative, positive] }
    if (!state.waiting || data.answered === state.waiting.number || other) {
      state.waiting = null
      clearTimeout(state.timer)
      const rest = PAUSE - (performance.now() - (state.since ?? 0))
      if (state.playing && !data.stopped && !other) rest > 0 ? setTimeout(train, rest) : train() // before drawing
    }
    if (other) state.picked = null
    if (other || data.stopped || !find("play").textContent) play(false)
    words()
    decode()
    arrange()
    paint()
  }

  function words() {
    const { words } = data
    find("play").textContent = state.playing ? `❚❚ ${words.pause}` : `▶ ${words.play}`
    find("step").textContent = words.step
    find("reset").textContent = words.reset
    find("speed").querySelector("span").textContent = words.speed
    if (!speed.options.length) for (const epochs of [1, 5, 25]) speed.add(new Option(String(epochs), epochs, epochs === 5, epochs === 5))
    const last = (list) => list[list.length - 1]
    const share = (value) => `${(100 * value).toFixed(1)} %`
    const shown = [[words.epoch, data.epoch.toLocaleString("en")], [words.train_loss, number(last(data.history.train))], [words.test_loss, number(last(data.history.test))]]
    if (data.accuracy[1] !== null) shown.push([words.accuracy, share(data.accuracy[1])])
    find("figures").replaceChildren(...shown.map(([name, value]) => {
      const item = document.createElement("span"), strong = document.createElement("b")
      strong.textContent = value
      item.append(`${name} `, strong)
      return item
    }))
    if (find("said").textContent !== (data.stopped ?? "")) find("said").textContent = data.stopped ?? ""
    const hidden = sizes()
    find("layers").querySelector("span").textContent = filled(words.layers, { count: hidden.length })
    Object.assign(fewer, { textContent: "−", title: words.fewer_layers, ariaLabel: words.fewer_layers, disabled: !hidden.length })
    Object.assign(more, { textContent: "+", title: words.more_layers, ariaLabel: words.more_layers, disabled: hidden.length >= data.most.layers })
  }

  function decode() {
    const maps = (packed) => {
      const cells = decoded(packed.cells, Int8Array), side = data.side / 2, size = side * side
      return packed.limits.map((limit, i) => ({ side, limit, cells: cells.subarray(i * size, (i + 1) * size), top: 127 }))
    }
    const out = decoded(data.surface.cells, Int16Array), size = data.side ** 2
    const outputs = [...Array(out.length / size).keys()].map((i) => ({ side: data.side, limit: data.surface.limit, cells: out.subarray(i * size, (i + 1) * size), top: 32767 }))
    state.maps = [maps(data.featureMaps), ...data.maps.map(maps), outputs]
    state.points = { places: decoded(data.points.places, Int16Array), values: data.points.values }
  }

  // The drawing of the network: built anew when its shape changes, else only recoloured.
  const name = (column, row) => {
    if (!column) return data.features[row].label
    if (column === data.layers.length) return data.layers.at(-1).biases.length > 1 ? `${data.words.class} ${data.classes[row]}` : data.words.output
    return `h${small(column)}${column > 0 && data.layers[column - 1].biases.length > 1 ? "," + small(row + 1) : ""}`
  }
  function arrange() {
    const columns = [data.features.length, ...data.layers.map((layer) => layer.biases.length)]
    const now = [columns, data.chosen, data.words.output, net.clientWidth].join("|")
    if (now === layout) return
    layout = now
    nodes.clear()
    links.length = 0
    net.querySelectorAll(":scope > :not(svg)").forEach((one) => one.remove())
    svg.replaceChildren()
    const width = net.clientWidth || 600, height = net.clientHeight - NODE_TOP, narrow = width < 480
    const left = narrow ? 28 : 92, right = narrow ? 28 : 48
    const x = (column) => left + (column * (width - left - right)) / (columns.length - 1)
    const gap = Math.min(52, height / 8)
    const y = (column, row) => NODE_TOP + 8 + height / 2 + (row - (columns[column] - 1) / 2) * gap
    columns.forEach((count, column) => {
      head(column, x(column), count)
      for (let row = 0; row < count; row++) node(column, row, x(column), y(column, row))
    })
    data.layers.forEach((layer, l) => layer.weights.forEach((row, i) => row.forEach((_, j) => {
      const from = l ? i : data.features.findIndex((feature) => feature.name === data.chosen[i])
      const [x0, y0, x1, y1] = [x(l) + 20, y(l, from), x(l + 1) - 20, y(l + 1, j)], mid = (x0 + x1) / 2
      const d = `M${x0},${y0} C${mid},${y0} ${mid},${y1} ${x1},${y1}`
      const [line, hit] = ["gb-pg-line", "gb-pg-hit"].map((kind) => {
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
        path.setAttribute("class", kind)
        path.setAttribute("d", d)
        svg.append(path)
        return path
      })
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title")
      hit.append(title)
      hit.onclick = () => (pick(l + 1, j), find("weights").querySelectorAll("input")[i]?.focus(), find("weights").querySelectorAll("input")[i]?.select())
      links.push({ line, title, layer: l, row: i, column: j, label: `${name(l, from)} → ${name(l + 1, j)}` })
    })))
    svg.append(...links.map((link) => link.title.parentNode)) // what can be clicked lies on top
  }
  function button(parent, text, label, act, disabled) {
    const made = document.createElement("button")
    Object.assign(made, { type: "button", textContent: text, title: label, ariaLabel: label, onclick: act, disabled })
    parent.append(made)
  }
  function head(column, x, count) {
    const made = document.createElement("div"), { words } = data, last = data.layers.length
    made.className = "gb-pg-head"
    made.style.left = `${x}px`
    if (column === 0 || column === last) made.append(column ? words.output : words.features)
    else {
      const set = (change) => () => shape(sizes().map((n, i) => (i === column - 1 ? n + change : n)))
      const at = { layer: column }
      button(made, "−", filled(words.fewer_neurons, at), set(-1), count <= 1)
      made.append(String(count))
      button(made, "+", filled(words.more_neurons, at), set(1), count >= data.most.neurons)
    }
    net.append(made)
  }
  function node(column, row, x, y) {
    const made = document.createElement("button"), canvas = document.createElement("canvas")
    Object.assign(made, { type: "button", className: "gb-pg-node", ariaLabel: name(column, row), title: name(column, row) })
    Object.assign(made.style, { left: `${x}px`, top: `${y}px` })
    made.append(canvas)
    made.onpointerenter = () => hover([column, row])
    made.onfocus = () => made.matches(":focus-visible") && hover([column, row])
    made.onpointerleave = made.onblur = () => hover(null)
    made.onclick = () => (column ? pick(column, row) : toggle(data.features[row].name))
    net.append(made)
    if (!column) {
      const label = document.createElement("span"), on = data.chosen.includes(data.features[row].name)
      Object.assign(label, { className: "gb-pg-name", textContent: data.features[row].label })
      Object.assign(label.style, { left: `${x}px`, top: `${y}px` })
      made.classList.toggle("gb-pg-off", !on)
      made.setAttribute("aria-pressed", on)
      net.append(label)
    }
    nodes.set(`${column},${row}`, { made, canvas })
  }
  function toggle(feature) {
    const chosen = data.chosen.includes(feature) ? data.chosen.filter((one) => one !== feature) : [...data.chosen, feature]
    if (chosen.length) shape(sizes(), chosen)
  }
  const hover = (at) => ((state.hovered = at), drawSurface())
  const pick = (column, row) => ((state.picked = [column, row]), paint())

  function paint() {
    for (const [key, { made, canvas }] of nodes) {
      const [column, row] = key.split(",").map(Number)
      const drawn = [palette.css.paper, column || data.version].join()
      if (column || canvas.dataset.drawn !== drawn) bitmap(canvas, state.maps[column][row], false) // features never change
      canvas.dataset.drawn = drawn
      made.classList.toggle("gb-pg-picked", key === picked().join(","))
    }
    for (const { line, title, layer, row, column, label } of links) {
      const weight = data.layers[layer].weights[row][column], size = Math.min(Math.abs(weight), 5)
      line.setAttribute("stroke", weight < 0 ? palette.css.negative : palette.css.positive)
      line.setAttribute("stroke-width", (0.4 + 1.5 * size).toFixed(2))
      line.setAttribute("stroke-opacity", Math.min(1, 0.25 + size).toFixed(2))
      title.textContent = `${label}: ${number(weight)}`
    }
    drawSurface()
    drawLoss()
    drawPanel()
  }

  const mixed = (share, strength) => {
    const end = share < 0 ? palette.negative : palette.positive, part = Math.min(1, Math.abs(share)) * strength
    return [0, 1, 2].map((i) => palette.paper[i] + part * (end[i] - palette.paper[i]))
  }
  // All 255 colours from -1 to 1 once, as whole pixels (little-endian RGBA): painting is then a table look-up.
  const tables = new Map()
  function table(strength, discrete) {
    const key = [strength, discrete, palette.css.paper].join()
    if (!tables.has(key)) {
      if (tables.size > 8) tables.clear()
      tables.set(key, Uint32Array.from({ length: 255 }, (_, i) => {
        const share = (i - 127) / 127, [r, g, b] = mixed(discrete ? Math.sign(share) : share, strength).map(Math.round)
        return (255 << 24) | (b << 16) | (g << 8) | r
      }))
    }
    return tables.get(key)
  }
  function bitmap(canvas, map, discrete, strength = 1) {
    if (canvas.width !== map.side) canvas.width = canvas.height = map.side
    const ink = canvas.getContext("2d"), image = ink.createImageData(map.side, map.side)
    const pixels = new Uint32Array(image.data.buffer), colours = table(strength, Boolean(discrete)), scale = 127 / map.top
    for (let i = 0; i < pixels.length; i++) pixels[i] = colours[Math.round(map.cells[i] * scale) + 127]
    ink.putImageData(image, 0, 0)
  }
  function winners(canvas, outputs) {
    if (canvas.width !== data.side) canvas.width = canvas.height = data.side
    const ink = canvas.getContext("2d"), image = ink.createImageData(data.side, data.side), ends = palette.classes.map((c) => rgb(c).slice())
    for (let i = 0; i < data.side ** 2; i++) {
      let best = 0
      outputs.forEach((map, k) => map.cells[i] > outputs[best].cells[i] && (best = k))
      const sure = outputs[best].cells[i] / outputs[best].top, part = data.discrete ? 0.65 : 0.75 * Math.max(0, (sure - 1 / outputs.length) / (1 - 1 / outputs.length))
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = palette.paper[c] + part * (ends[best][c] - palette.paper[c])
      image.data[4 * i + 3] = 255
    }
    ink.putImageData(image, 0, 0)
  }
  function fit(canvas) {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth || 340, height = canvas.clientHeight || 110
    if (canvas.width !== Math.round(width * ratio)) Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) })
    const ink = canvas.getContext("2d")
    ink.setTransform(ratio, 0, 0, ratio, 0, 0)
    ink.clearRect(0, 0, width, height)
    return [ink, width, height]
  }
  function drawSurface() {
    const [column, row] = state.hovered ?? [data.layers.length, data.classes.length > 2 ? -1 : 0], whole = row === -1
    const map = whole ? null : state.maps[column][row], { words } = data
    if (whole) winners(sheet, state.maps.at(-1))
    else bitmap(sheet, map, data.discrete && column === data.layers.length && data.classes.length, 0.75)
    const [ink, side] = fit(surface)
    ink.imageSmoothingEnabled = !data.discrete
    ink.drawImage(sheet, 0, 0, side, side)
    const { places, values } = state.points
    values.forEach((value, i) => {
      if (i >= data.points.train && !data.test) return
      const x = (places[2 * i] / 32767 + 1) * side / 2, y = (1 - places[2 * i + 1] / 32767) * side / 2
      const colour = data.classes.length ? palette.classes[value] : `rgb(${mixed(value / data.surface.limit, 1).map(Math.round)})`
      ink.globalAlpha = i >= data.points.train ? 0.45 : 1
      marker(ink, data.classes.length ? value : 0, x, y, 3.4, colour, palette.css.paper)
    })
    ink.globalAlpha = 1
    drawAxes(ink, side, data, palette)
    find("title").textContent = whole || column === data.layers.length ? (whole ? words.decision : name(column, row)) : filled(words.neuron, { name: name(column, row) })
    scale(whole, map, column)
    readOut(whole, map, column, row)
    surface.setAttribute("aria-label", `${find("title").textContent}. ${words.surface_help}`)
  }
  // Numbers as they were given: one's own data is stretched to fill the plane.
  const given = (value, axis) => data.axes.centre[axis] + value * data.axes.spread[axis]
  const height = (value, column) => (column === data.layers.length && !data.classes.length ? given(value, 2) : value)
  function scale(whole, map, column) {
    const now = [whole, map?.limit, column, data.version, palette.css.paper, data.classes].join()
    if (state.scale === now) return
    state.scale = now
    const row = find("scale")
    row.replaceChildren()
    if (!whole) {
      const bar = document.createElement("i")
      bar.style.background = `linear-gradient(90deg, ${palette.css.negative}, ${palette.css.paper}, ${palette.css.positive})`
      row.append(number(height(-map.limit, column)), bar, number(height(map.limit, column)))
    }
    data.classes.forEach((label, k) => {
      const made = document.createElement("span"), picture = document.createElement("canvas")
      picture.ariaHidden = "true"
      picture.width = picture.height = 14
      marker(picture.getContext("2d"), k, 7, 7, 4.5, palette.classes[k], palette.css.paper)
      made.append(picture, ` ${label}`)
      row.append(made)
    })
  }
  function readOut(whole, map, column, row) {
    const { words } = data
    if (!state.at) return void (find("value").textContent = words.point)
    const [x, y] = state.at.map((share, i) => number(given((i ? 1 - 2 * share : 2 * share - 1) * data.plane, i)))
    const cell = (one) => (one.cells[Math.min(one.side - 1, Math.floor(state.at[1] * one.side)) * one.side + Math.min(one.side - 1, Math.floor(state.at[0] * one.side))] / one.top) * one.limit
    const value = whole ? data.classes.map((label, k) => `${label} ${(100 * cell(state.maps.at(-1)[k])).toFixed(1)} %`).join(" · ") : `${name(column, row)} ≈ ${number(height(cell(map), column))}`
    find("value").textContent = `${data.axes.names[0]} ${x}, ${data.axes.names[1]} ${y}: ${value}`
  }
  const point = (at) => ((state.at = at?.map((v) => Math.min(0.999, Math.max(0, v)))), drawSurface())
  surface.onpointermove = surface.onpointerdown = (event) => {
    const box = surface.getBoundingClientRect()
    point([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height])
  }
  surface.onpointerleave = surface.onblur = () => point(null)
  surface.onkeydown = (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key]
    if (!step) return
    event.preventDefault()
    point((state.at ?? [0.5, 0.5]).map((v, i) => v + step[i] / 24))
  }

  function drawLoss() {
    const [ink, width, height] = fit(lossChart), { epochs, train, test } = data.history, { words } = data
    const top = Math.max(...train, ...test, 1e-9), end = Math.max(epochs.at(-1), 1), left = 42, low = height - 16, up = 16
    const line = (losses, colour, dashes) => {
      ink.beginPath()
      losses.forEach((loss, i) => loss !== null && ink.lineTo(left + (epochs[i] / end) * (width - left - 4), low - (loss / top) * (low - up)))
      Object.assign(ink, { strokeStyle: colour, lineWidth: 2 })
      ink.setLineDash(dashes)
      ink.stroke()
      ink.setLineDash([])
    }
    Object.assign(ink, { fillStyle: palette.ink, font: "11px sans-serif", strokeStyle: palette.ink, lineWidth: 0.5 })
    ink.strokeRect(left, up, width - left - 4, low - up)
    ink.fillText(number(top), 0, up + 4)
    ink.fillText("0", left - 10, low)
    ink.fillText(`${words.epoch} ${end}`, width - 4 - ink.measureText(`${words.epoch} ${end}`).width, height - 3)
    ink.fillText(`━ ${words.train_loss}   ┅ ${words.test_loss}`, left, 10)
    line(train, palette.ink, [])
    line(test, "#7D8794", [5, 3])
    lossChart.setAttribute("aria-label", `${words.train_loss} ${number(train.at(-1))}, ${words.test_loss} ${number(test.at(-1))}`)
  }

  // The neuron that was touched: its formula with the numbers in it, each of which can be changed.
  const picked = () => (state.picked && nodes.has(state.picked.join(",")) ? state.picked : [data.layers.length, 0])
  function drawPanel() {
    const [column, row] = picked(), layer = data.layers[column - 1], last = column === data.layers.length
    const sources = layer.weights.map((_, i) => name(column - 1, column > 1 ? i : data.features.findIndex((f) => f.name === data.chosen[i])))
    const term = (value, text, first) => `${value < 0 ? (first ? "−" : " − ") : first ? "" : " + "}${number(Math.abs(value))}${text}`
    const sum = layer.weights.map((weights, i) => term(weights[row], `·${/ /.test(sources[i]) ? `(${sources[i]})` : sources[i]}`, i === 0)).join("") + term(layer.biases[row], "", false)
    const act = last ? data.last : data.activation
    find("formula").textContent = `${name(column, row)} = ${act === "softmax" ? `softmax(${sum}, …)` : act ? `${act}(${sum})` : sum}`
    const box = find("weights"), key = [layout, column, row].join()
    if (box.dataset.key !== key) {
      box.dataset.key = key
      box.replaceChildren(...[...sources, data.words.bias].map((source, i) => {
        const label = document.createElement("label"), input = document.createElement("input")
        Object.assign(input, { type: "number", step: "0.1", min: -1000, max: 1000 })
        input.onchange = () => Number.isFinite(input.valueAsNumber) && ask({ kind: "weight", layer: column - 1, row: i < sources.length ? i : -1, column: row, value: input.valueAsNumber })
        label.append(`${source} `, input)
        return label
      }))
    }
    box.querySelectorAll("input").forEach((input, i) => {
      const value = String(Number((i < sources.length ? layer.weights[i][row] : layer.biases[row]).toFixed(4)))
      if (document.activeElement !== input || !state.playing) input.value = value
    })
  }
  new ResizeObserver(() => data && layout && net.clientWidth !== Number(layout.split("|").at(-1)) && (arrange(), paint())).observe(net)
  return board
}
