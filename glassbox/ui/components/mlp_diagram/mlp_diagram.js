// Pixels, neurons and outputs, and the links that carry most. At rest the picked neuron's links stand out; pointing at
// another neuron, or at an output, shows its own.
const SIDE = 28
const SVG = "http://www.w3.org/2000/svg"
const NARROW = 480
const drawings = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const figure = parentElement.querySelector(".network")
  let drawing = drawings.get(figure)
  if (!drawing) drawings.set(figure, (drawing = createDrawing(figure)))
  drawing.tell = setTriggerValue
  drawing.show(data)
}

// Left to right, or from top to bottom on a phone. Each place is the middle of what stands there.
function landscape(units) {
  const cell = 9, step = 27, rows = Math.ceil(units / 8), height = Math.max(rows * step, SIDE * cell) + 48
  const middle = height / 2 + 8
  return {
    width: 760, height, cell, radius: 10,
    digit: [0, middle - (SIDE * cell) / 2],
    neuron: (j) => [372 + step * (j % 8), middle + step * (Math.floor(j / 8) - (rows - 1) / 2)],
    output: (k) => [652, middle + 42 * (k - 4.5)],
    bar: { x: 22, y: -13, width: 82, height: 26, down: false },
    titles: [[0, 16, "start"], [466, 16, "middle"], [652, 16, "start"]],
    link: ([x, y], [u, v]) => `M${x} ${y}C${(x + u) / 2} ${y} ${(x + u) / 2} ${v} ${u} ${v}`,
  }
}

function portrait(units) {
  const cell = 9, step = 24.5, rows = Math.ceil(units / 16), top = 24 + SIDE * cell + 96
  const bottom = top + rows * step + 90
  return {
    width: 400, height: bottom + 96, cell, radius: 9.5,
    digit: [(400 - SIDE * cell) / 2, 24],
    neuron: (j) => [16 + step * (j % 16), top + step * Math.floor(j / 16)],
    output: (k) => [20 + 40 * k, bottom],
    bar: { x: -13, y: 22, width: 26, height: 64, down: true },
    titles: [[200, 16, "middle"], [200, top - 24, "middle"], [200, bottom - 24, "middle"]],
    link: ([x, y], [u, v]) => `M${x} ${y}C${x} ${(y + v) / 2} ${u} ${(y + v) / 2} ${u} ${v}`,
  }
}

function svg(name, attributes, parent) {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  parent?.append(made)
  return made
}

const said = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
const number = (value) => (Math.abs(value) >= 0.001 || !value ? Number(value.toPrecision(3)) : value.toExponential(2)).toString().replace("-", "−")

function createDrawing(figure) {
  const root = figure.querySelector("svg"), caption = figure.querySelector("figcaption")
  const state = { data: null, place: null, pointed: null, neurons: [], outputs: [] }
  const drawing = { show, tell: null }

  function show(data) {
    state.data = data
    layOut()
    paint()
  }

  function layOut() {
    const narrow = figure.clientWidth > 0 && figure.clientWidth < NARROW
    const made = `${narrow} ${state.data.hidden.length}`
    if (state.made === made) return
    state.made = made
    const place = (state.place = (narrow ? portrait : landscape)(state.data.hidden.length))
    root.setAttribute("viewBox", `0 0 ${place.width} ${place.height}`)
    root.replaceChildren()
    state.titles = place.titles.map(([x, y, anchor]) => svg("text", { x, y, "text-anchor": anchor, class: "layer" }, root))
    const [x, y] = place.digit, side = SIDE * place.cell
    const holder = svg("foreignObject", { x, y, width: side, height: side }, root)
    state.canvas = document.createElement("canvas")
    Object.assign(state.canvas, { width: SIDE, height: SIDE })
    state.canvas.style.cssText = "display:block;width:100%;height:100%;image-rendering:pixelated;border-radius:3px"
    holder.append(state.canvas)
    state.all = svg("g", { class: "all" }, root)
    state.one = svg("g", { class: "one" }, root)
    state.group = svg("g", { class: "neurons", tabindex: 0, role: "slider", "aria-valuemin": 1 }, root)
    const first = place.neuron(0), last = place.neuron(state.data.hidden.length - 1), gap = place.radius + 5
    svg("rect", { x: first[0] - gap, y: first[1] - gap, width: last[0] - first[0] + 2 * gap, height: last[1] - first[1] + 2 * gap, rx: 8, fill: "none" }, state.group)
    state.neurons = state.data.hidden.map((_, j) => createNeuron(j))
    state.outputs = state.data.logits.map((_, k) => createOutput(k))
    Object.assign(state.group, {
      onkeydown: steer,
      onfocus: () => state.group.matches(":focus-visible") && point({ neuron: state.data.picked }),
      onblur: () => point(null),
    })
  }

  function createNeuron(j) {
    const [x, y] = state.place.neuron(j), r = state.place.radius
    const made = svg("g", { class: "neuron", transform: `translate(${x} ${y})` }, state.group)
    const circle = svg("circle", { r }, made)
    svg("path", { class: "cross", d: `M${-r / 2} ${-r / 2}L${r / 2} ${r / 2}M${r / 2} ${-r / 2}L${-r / 2} ${r / 2}` }, made)
    made.onpointerenter = (event) => event.pointerType === "mouse" && point({ neuron: j })
    made.onpointerleave = () => point(null)
    made.onclick = () => drawing.tell("picked", j)
    return { made, circle }
  }

  function createOutput(k) {
    const [x, y] = state.place.output(k), bar = state.place.bar
    const made = svg("g", { class: "output", transform: `translate(${x} ${y})` }, root)
    const label = svg("text", { "text-anchor": "middle", y: 6 }, made)
    label.textContent = k
    svg("rect", { class: "track", x: bar.x, y: bar.y, width: bar.width, height: bar.height, rx: 3 }, made)
    const fill = svg("rect", { class: "bar", x: bar.x, y: bar.y, width: bar.width, height: bar.height, rx: 3 }, made)
    const before = svg("line", { class: "before" }, made)
    svg("rect", { x: bar.down ? -18 : -12, y: -18, width: bar.down ? 36 : 116, height: bar.down ? 106 : 36, fill: "transparent" }, made)
    made.onpointerenter = (event) => event.pointerType === "mouse" && point({ output: k })
    made.onpointerleave = () => point(null)
    made.onclick = () => point(state.pointed?.output === k ? null : { output: k })
    return { made, label, fill, before }
  }

  function point(at) {
    state.pointed = at
    paintLinks()
  }

  function steer(event) {
    const across = state.made.startsWith("true") ? 16 : 8, now = state.pointed?.neuron ?? state.data.picked
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key]
    if (step) point({ neuron: Math.min(state.neurons.length - 1, Math.max(0, now + step)) })
    else if (event.key === "Enter" || event.key === " ") drawing.tell("picked", now)
    else if (event.key === "Delete" || event.key === "Backspace") drawing.tell("switched", now)
    else return
    event.preventDefault()
  }

  function paint() {
    const { data, place } = state
    const ink = state.canvas.getContext("2d"), image = ink.createImageData(SIDE, SIDE)
    data.digit.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i))
    ink.putImageData(image, 0, 0)
    ;["pixels", "hidden", "outputs"].forEach((name, i) => (state.titles[i].textContent = data.words[name]))
    root.setAttribute("aria-label", data.words.explore)
    state.group.setAttribute("aria-valuemax", data.hidden.length)
    state.group.setAttribute("aria-label", data.words.explore)
    const values = data.shade === "effect" ? data.effects : data.hidden
    const most = Math.max(1e-9, ...values.map(Math.abs)), removed = new Set(data.removed)
    state.neurons.forEach(({ made, circle }, j) => {
      const share = Math.round((100 * Math.abs(values[j])) / most)
      const colour = data.shade !== "effect" ? "--st-text-color" : values[j] < 0 ? "--gb-negative" : "--gb-positive"
      circle.style.fill = removed.has(j) ? "" : `color-mix(in srgb, var(${colour}) ${share}%, var(--st-background-color))`
      made.classList.toggle("removed", removed.has(j))
      made.classList.toggle("picked", j === data.picked)
    })
    const top = data.now.indexOf(Math.max(...data.now)), bar = place.bar
    state.outputs.forEach(({ label, fill, before }, k) => {
      label.setAttribute("class", k === top ? "verdict" : "")
      const size = (bar.down ? bar.height : bar.width) * data.now[k], was = (bar.down ? bar.height : bar.width) * data.before[k]
      fill.setAttribute(bar.down ? "height" : "width", size)
      const line = bar.down ? { x1: bar.x, x2: bar.x + bar.width, y1: bar.y + was, y2: bar.y + was } : { x1: bar.x + was, x2: bar.x + was, y1: bar.y - 2, y2: bar.y + bar.height + 2 }
      for (const [key, value] of Object.entries(line)) before.setAttribute(key, value)
      before.style.display = removed.size && was > 1 ? "" : "none"
    })
    const pixel = ([i, j, product]) => link(pixelAt(i), edge(j, -1), product, data.most_into, state.all)
    state.all.replaceChildren()
    data.all_into.forEach(pixel)
    data.all_out.forEach(([j, k, product]) => link(edge(j, 1), outputAt(k), product, data.most_out, state.all))
    paintLinks()
  }

  const pixelAt = (i) => [state.place.digit[0] + state.place.cell * ((i % SIDE) + 0.5), state.place.digit[1] + state.place.cell * (Math.floor(i / SIDE) + 0.5)]
  const edge = (j, side) => {
    const [x, y] = state.place.neuron(j)
    return state.place.bar.down ? [x, y + side * state.place.radius] : [x + side * state.place.radius, y]
  }
  const outputAt = (k) => {
    const [x, y] = state.place.output(k)
    return state.place.bar.down ? [x, y - 14] : [x - 12, y]
  }

  function link(from, to, product, most, parent) {
    const width = Math.max(0.6, 7 * Math.abs(product) / (most || 1))
    svg("path", { d: state.place.link(from, to), class: product < 0 ? "negative" : "positive", "stroke-width": width.toFixed(2) }, parent)
  }

  function paintLinks() {
    const { data, pointed } = state
    const neuron = pointed?.output === undefined ? (pointed?.neuron ?? data.picked) : null
    state.one.replaceChildren()
    state.neurons.forEach(({ made }, j) => made.classList.toggle("pointed", j === pointed?.neuron))
    if (neuron === null) {
      const into = data.out.map((row, j) => [j, row[pointed.output]]).filter(([, product]) => product).sort((a, b) => Math.abs(a[1]) - Math.abs(b[1])).slice(-24)
      into.forEach(([j, product]) => link(edge(j, 1), outputAt(pointed.output), product, data.most_out, state.one))
      caption.textContent = said(data.words.output, { label: pointed.output, logit: number(data.logits[pointed.output]), probability: data.now_words[pointed.output] })
      return
    }
    for (const [i, , product] of data.into[neuron]) {
      link(pixelAt(i), edge(neuron, -1), product, Math.max(...data.into[neuron].map((one) => Math.abs(one[2]))), state.one)
      const [x, y] = pixelAt(i), half = state.place.cell / 2
      svg("rect", { class: "pixel", style: product < 0 ? "stroke: var(--gb-negative)" : "", x: x - half, y: y - half, width: 2 * half, height: 2 * half }, state.one)
    }
    data.out[neuron].forEach((product, k) => product && link(edge(neuron, 1), outputAt(k), product, Math.max(...data.out[neuron].map(Math.abs)), state.one))
    const words = data.removed.includes(neuron) ? data.words.without : data.words.neuron
    const text = said(words, { number: neuron + 1, value: number(data.hidden[neuron]), effect: data.effect_words[neuron] })
    caption.textContent = text
    state.group.setAttribute("aria-valuenow", neuron + 1)
    state.group.setAttribute("aria-valuetext", text)
  }

  new ResizeObserver(() => {
    if (!state.data) return
    const before = state.made
    layOut()
    if (state.made !== before) paint()
  }).observe(figure)
  return drawing
}
