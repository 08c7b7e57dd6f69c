// A convolution: input, kernels and maps linked. Everything below is worked out here from the arrays sent once.
const STEP = 250 // milliseconds that the window rests on a cell
const DEPTH = 0.55 // how much of a colour lies behind text, which stays legible
const MARK = "#D0591B"
const POOL = "#2E7CC4"
const grids = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".grid")
  let grid = grids.get(root)
  if (!grid) grids.set(root, (grid = createGrid(root)))
  grid.pick = (place) => setStateValue("place", place)
  grid.receive(data)
  return () => {
    grid.stop()
    grid.watcher.disconnect()
    grids.delete(root)
  }
}

function createGrid(root) {
  const find = (selector) => root.querySelector(selector)
  const canvases = Object.fromEntries(["source", "result", "channels", "maps"].map((name) => [name, find(`.${name} canvas`)]))
  const state = { data: null, at: null, channel: null, timer: null, theme: null, arriving: 0 }
  const grid = { pick: () => {}, receive, stop, watcher: new ResizeObserver(() => { state.mosaic = null; paint() }) }

  async function receive(data) {
    const turn = ++state.arriving
    const [input, output, kernels, biases] = await Promise.all([data.input.values, data.output.values, data.kernels.values, data.biases].map(unpack))
    if (turn !== state.arriving) return // a newer picture overtook this one
    if (state.data?.layer !== data.layer) Object.assign(state, { channel: null, at: [...data.place] })
    Object.assign(state, { data, input, output, kernels, biases, mosaic: null, theme: theme(data.colours) })
    label()
    paint()
  }

  function label() {
    const { words } = state.data
    find(".back").textContent = words.back
    find(".step").textContent = words.step
    find(".play").textContent = state.timer ? words.pause : words.play
    find(".where").textContent = words.keys
    for (const name of ["source", "result"]) canvases[name].setAttribute("aria-label", `${name === "source" ? words.input : fill(words.map, { map: state.at[0] + 1 })}. ${words.keys}`)
    find(".maps figcaption").textContent = fill(words.maps, { count: state.data.output.shape[0] })
    canvases.maps.setAttribute("aria-label", find(".maps figcaption").textContent)
    find(".channels").hidden = state.data.input.shape[0] === 1
    const { low, high, paper, ink } = state.theme
    scale(".source .scale", "0", [paper, ink], state.data.largest.input, words.scale)
    scale(".result .scale", "0", [paper, ink], state.data.largest.output, words.scale)
    scale(".maps .scale", number(-state.data.largest.weight), [low, paper, high], state.data.largest.weight, words.weights)
    find(".maps .scale").hidden = state.data.input.shape[0] > 1
  }

  function scale(selector, low, colours, high, words) {
    const bar = Object.assign(document.createElement("i"), { style: `background: linear-gradient(90deg, ${colours.map(css)})` })
    find(selector).replaceChildren(low, bar, `${number(high)} ${words}`)
  }

  function theme([low, high]) {
    const style = getComputedStyle(root)
    const read = (colour) => {
      const dot = new OffscreenCanvas(1, 1).getContext("2d")
      dot.fillStyle = colour
      dot.fillRect(0, 0, 1, 1)
      return [...dot.getImageData(0, 0, 1, 1).data].slice(0, 3)
    }
    return { low: read(low), high: read(high), paper: read(style.getPropertyValue("--st-background-color")), ink: read(style.getPropertyValue("--st-text-color")) }
  }

  const mix = (end, share) => state.theme.paper.map((from, i) => Math.round(from + clamp(share, 1) * (end[i] - from)))
  const unsigned = (value, most) => mix(state.theme.ink, most ? value / most : 0)
  const signed = (value, most) => mix(value < 0 ? state.theme.low : state.theme.high, most ? Math.abs(value) / most : 0)
  const css = (colour) => `rgb(${colour.join(" ")})`

  const shownChannel = (worked) => state.channel ?? (worked.known ? worked.parts.reduce((best, part, c, all) => (Math.abs(part) > Math.abs(all[best]) ? c : best), 0) : 0)

  function paint() {
    if (!state.data || !canvases.source.clientWidth) return
    const worked = work(state, state.at)
    const channel = shownChannel(worked)
    paintSource(worked, channel)
    paintResult()
    paintMaps(worked)
    if (state.data.input.shape[0] > 1) paintChannels(worked, channel)
    write(worked, channel)
  }

  // A canvas as sharp as the screen, `across` cells wide: gives its context and the size of a cell.
  function sheet(canvas, height) {
    const ratio = window.devicePixelRatio || 1
    const [wide, high] = [Math.round(canvas.clientWidth * ratio), Math.round((height ?? canvas.clientWidth) * ratio)]
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high })
    if (height) canvas.style.height = `${height}px`
    const ink = canvas.getContext("2d")
    ink.imageSmoothingEnabled = false
    ink.setTransform(ratio, 0, 0, ratio, 0, 0)
    return ink
  }

  function picture(values, offset, height, width, colour) {
    const tile = new OffscreenCanvas(width, height)
    const pixels = new ImageData(width, height)
    for (let i = 0; i < height * width; i++) pixels.data.set([...colour(values[offset + i]), 255], 4 * i)
    tile.getContext("2d").putImageData(pixels, 0, 0)
    return tile
  }

  function outline(ink, x, y, width, height, colour, thick = 2) {
    Object.assign(ink, { lineWidth: thick + 2, strokeStyle: css(state.theme.paper) })
    ink.strokeRect(x, y, width, height)
    Object.assign(ink, { lineWidth: thick, strokeStyle: colour })
    ink.strokeRect(x, y, width, height)
  }

  function paintSource(worked, channel) {
    const { data } = state
    const [channels, height, width] = data.input.shape
    const ink = sheet(canvases.source)
    const side = canvases.source.clientWidth
    const cell = side / width
    ink.drawImage(picture(state.input, channel * height * width, height, width, (v) => unsigned(v, data.largest.input)), 0, 0, side, side)
    const reach = [0, 1].map((axis) => (data.kernels.shape[2 + axis] - 1) * data.dilations[axis] + 1)
    outline(ink, worked.left * cell, worked.top * cell, reach[1] * cell, reach[0] * cell, MARK)
    find(".source figcaption").textContent = channels > 1 ? fill(data.words.input_channel, { channel: channel + 1, count: channels }) : data.words.input
  }

  function paintResult() {
    const [map, row, column] = state.at
    const [, height, width] = state.data.output.shape
    const ink = sheet(canvases.result)
    const side = canvases.result.clientWidth
    const cell = side / width
    ink.drawImage(picture(state.output, map * height * width, height, width, (v) => unsigned(v, state.data.largest.output)), 0, 0, side, side)
    const pool = pooled(state.data, state.at)
    if (pool) outline(ink, pool.column * cell, pool.row * cell, pool.width * cell, pool.height * cell, POOL, 1.5)
    outline(ink, column * cell, row * cell, cell, cell, MARK)
    find(".result figcaption").textContent = `${fill(state.data.words.map, { map: map + 1 })} (${state.data.layer})`
  }

  // Where each map lies in the mosaic: its kernel (where one channel is read) above it, and its number.
  function layout() {
    const [maps, , width] = state.data.output.shape
    const room = canvases.maps.clientWidth
    const fits = Math.min(maps, Math.max(4, Math.floor(room / (width > 20 ? 100 : width > 10 ? 72 : 54))))
    const across = [fits, fits - 1, fits - 2, fits - 3, fits - 4].find((count) => count > 3 && maps % count === 0) ?? fits // rows alike, if possible
    const gap = 8
    const side = Math.floor((room - gap * (across - 1)) / across)
    const head = state.data.input.shape[0] === 1 ? Math.round(side * 0.3) + 4 : 16
    return { across, gap, side, head, rows: Math.ceil(maps / across), tile: (map) => [(map % across) * (side + gap), Math.floor(map / across) * (side + head + gap)] }
  }

  function drawMosaic() {
    const { data } = state
    const [maps, height, width] = data.output.shape
    const place = layout()
    const ratio = window.devicePixelRatio || 1
    const high = place.rows * (place.side + place.head + place.gap)
    const drawn = new OffscreenCanvas(Math.round(canvases.maps.clientWidth * ratio), Math.round(high * ratio))
    const ink = drawn.getContext("2d")
    ink.imageSmoothingEnabled = false
    ink.setTransform(ratio, 0, 0, ratio, 0, 0)
    Object.assign(ink, { font: `12px ${getComputedStyle(root).fontFamily}`, textBaseline: "middle" })
    const [, , tall, wide] = data.kernels.shape
    const [border, words] = [css(mix(state.theme.ink, 0.25)), css(mix(state.theme.ink, 0.75))]
    Object.assign(ink, { lineWidth: 1, strokeStyle: border, fillStyle: words })
    for (let map = 0; map < maps; map++) {
      const [x, y] = place.tile(map)
      let text = x
      if (data.input.shape[0] === 1) {
        const size = place.head - 4
        ink.drawImage(picture(state.kernels, map * tall * wide, tall, wide, (v) => signed(v, data.largest.weight)), x, y, size, size)
        ink.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1)
        text = x + size + 6
      }
      ink.fillText(map + 1, text, y + place.head / 2)
      ink.drawImage(picture(state.output, map * height * width, height, width, (v) => unsigned(v, data.largest.output)), x, y + place.head, place.side, place.side)
      ink.strokeRect(x + 0.5, y + place.head + 0.5, place.side - 1, place.side - 1)
    }
    return { drawn, place, high }
  }

  function paintMaps() {
    const mosaic = (state.mosaic ??= drawMosaic())
    const [map, row, column] = state.at
    const [maps, height, width] = state.data.output.shape
    const ink = sheet(canvases.maps, mosaic.high)
    const { place } = mosaic
    const cell = [place.side / height, place.side / width]
    ink.clearRect(0, 0, canvases.maps.clientWidth, mosaic.high)
    ink.drawImage(mosaic.drawn, 0, 0, canvases.maps.clientWidth, mosaic.high)
    for (let other = 0; other < maps; other++) {
      const [x, y] = place.tile(other)
      outline(ink, x + column * cell[1], y + place.head + row * cell[0], cell[1], cell[0], MARK, 1)
    }
    const [x, y] = place.tile(map)
    Object.assign(ink, { lineWidth: 3, strokeStyle: MARK })
    ink.strokeRect(x, y + place.head, place.side, place.side)
  }

  function stripLayout() {
    const channels = state.data.input.shape[0]
    const across = Math.min(channels, Math.max(4, Math.floor(canvases.channels.clientWidth / 62)))
    return { across, wide: canvases.channels.clientWidth / across, high: 62 }
  }

  function paintChannels(worked, channel) {
    const { data } = state
    const [channels] = data.input.shape
    const { across, wide, high } = stripLayout()
    const ink = sheet(canvases.channels, Math.ceil(channels / across) * high)
    ink.clearRect(0, 0, canvases.channels.clientWidth, Math.ceil(channels / across) * high)
    const caption = worked.known ? fill(data.words.channels, { count: channels, sum: number(worked.sum) }) : fill(data.words.open, { map: state.at[0] + 1 })
    find(".channels figcaption").textContent = caption
    canvases.channels.setAttribute("aria-label", caption)
    if (!worked.known) return
    const [, , tall, kernelWide] = data.kernels.shape
    const most = worked.terms.reduce((top, term) => Math.max(top, Math.abs(term.product)), 0)
    const cell = 36 / Math.max(tall, kernelWide)
    Object.assign(ink, { font: `11px ${getComputedStyle(root).fontFamily}`, textAlign: "center", textBaseline: "top" })
    for (let c = 0; c < channels; c++) {
      const [x, y] = [(c % across) * wide + (wide - 36) / 2, Math.floor(c / across) * high + 2]
      for (let i = 0; i < tall * kernelWide; i++) {
        ink.fillStyle = css(signed(worked.terms[c * tall * kernelWide + i].product, most))
        ink.fillRect(x + (i % kernelWide) * cell, y + Math.floor(i / kernelWide) * cell, cell, cell)
      }
      Object.assign(ink, { lineWidth: c === channel ? 2.5 : 1, strokeStyle: c === channel ? MARK : css(mix(state.theme.ink, 0.25)) })
      ink.strokeRect(x, y, 36, 36)
      ink.fillStyle = css(mix(state.theme.ink, worked.parts[c] ? 0.95 : 0.55))
      ink.fillText(number(worked.parts[c]), x + 18, y + 41)
    }
  }

  function write(worked, channel) {
    const { data } = state
    const { words } = data
    const [map, row, column] = state.at
    find(".title").textContent = fill(words.where, { map: map + 1, row: row + 1, column: column + 1 })
    const products = find(".products")
    if (!worked.known) {
      products.replaceChildren()
      find(".sum .scale").replaceChildren()
      find("dl").replaceChildren()
    } else {
      const [, channels, tall, wide] = data.kernels.shape
      const terms = worked.terms.slice(channel * tall * wide, (channel + 1) * tall * wide)
      const most = worked.terms.reduce((top, term) => Math.max(top, Math.abs(term.product)), 0)
      scale(".sum .scale", number(-most), [state.theme.low, state.theme.paper, state.theme.high].map((end) => mix(end, DEPTH)), most, words.products)
      products.style.gridTemplateColumns = `repeat(${wide}, minmax(0, 1fr))`
      products.replaceChildren(...terms.map((term) => productCell(term, most)))
      const rows = [[fill(channels > 1 ? words.sum_many : words.sum_one, { count: worked.terms.length, channels }), worked.sum], [words.bias, worked.bias], ["=", worked.before, !data.relu]]
      if (data.relu) rows.push([words.relu, worked.after, true])
      find("dl").replaceChildren(...rows.flatMap(([name, value, last]) => ["dt", "dd"].map((tag) => Object.assign(document.createElement(tag), { textContent: tag === "dt" ? name : number(value), className: last ? "last" : "" }))))
    }
    const engine = find(".engine")
    engine.className = `engine ${worked.known ? (worked.agrees ? "good" : "bad") : ""}`
    engine.textContent = worked.known ? fill(worked.agrees ? words.agrees : words.differs, { value: number(worked.engine) }) : fill(words.open, { map: map + 1 })
    find(".pool").textContent = poolText()
  }

  function productCell({ inside, value, weight, product }, most) {
    const cell = document.createElement("div")
    cell.className = inside ? "" : "outside"
    cell.style.background = css(signed(product, most / DEPTH))
    const factors = inside ? `${number(value)} × ${number(weight)}` : `${state.data.words.outside} × ${number(weight)}`
    cell.append(factors, Object.assign(document.createElement("b"), { textContent: number(product) }))
    return cell
  }

  function poolText() {
    const place = pooled(state.data, state.at)
    if (!place) return ""
    const [map] = state.at
    const [, height, width] = state.data.output.shape
    const values = []
    for (let i = 0; i < place.height; i++) for (let j = 0; j < place.width; j++) values.push(state.output[(map * height + place.row + i) * width + place.column + j])
    const { words, pooling } = state.data
    if (pooling.max) return fill(words.max, { values: values.map(number).join(", "), value: number(Math.max(...values)) })
    return fill(words.average, { count: values.length, value: number(values.reduce((a, b) => a + b, 0) / values.length) })
  }

  function move(place, { spoken = false } = {}) {
    const [maps, height, width] = state.data.output.shape
    state.at = [clamp(place[0], maps - 1), clamp(place[1], height - 1), clamp(place[2], width - 1)]
    paint()
    if (spoken) find(".said").textContent = `${find(".title").textContent}: ${find(".engine").textContent}`
  }

  function stop() {
    clearInterval(state.timer)
    state.timer = null
    if (state.data) find(".play").textContent = state.data.words.play
  }

  function forward(by) {
    const [map, row, column] = state.at
    const [, height, width] = state.data.output.shape
    const place = (row * width + column + by + height * width) % (height * width)
    move([map, Math.floor(place / width), place % width])
  }

  find(".play").onclick = () => {
    if (state.timer) return stop()
    state.timer = setInterval(() => forward(1), STEP)
    find(".play").textContent = state.data.words.pause
  }
  for (const [name, by] of [[".back", -1], [".step", 1]])
    find(name).onclick = () => {
      stop()
      forward(by)
      find(".said").textContent = `${find(".title").textContent}: ${find(".engine").textContent}`
    }

  const within = (canvas, event) => {
    const box = canvas.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top, box.width]
  }
  const places = {
    source(event) {
      const [x, y, side] = within(canvases.source, event)
      const { input, kernels, dilations, padding, strides } = state.data
      const centre = (axis, at) => Math.round((Math.floor((at / side) * input.shape[1 + axis]) + padding[axis] - ((kernels.shape[2 + axis] - 1) * dilations[axis]) / 2) / strides[axis])
      return [state.at[0], centre(0, y), centre(1, x)]
    },
    result(event) {
      const [x, y, side] = within(canvases.result, event)
      const [, height, width] = state.data.output.shape
      return [state.at[0], Math.floor((y / side) * height), Math.floor((x / side) * width)]
    },
    maps(event) {
      const [x, y] = within(canvases.maps, event)
      const { across, gap, side, head, rows } = layout()
      const [maps, height, width] = state.data.output.shape
      const [i, j] = [clamp(Math.floor(y / (side + head + gap)), rows - 1), clamp(Math.floor(x / (side + gap)), across - 1)]
      const map = clamp(i * across + j, maps - 1)
      const down = y - i * (side + head + gap) - head
      return down < 0 ? [map, ...state.at.slice(1)] : [map, Math.floor((down / side) * height), Math.floor(((x - j * (side + gap)) / side) * width)]
    },
  }
  const send = () => grid.pick(state.at)
  for (const name of Object.keys(places)) {
    const canvas = canvases[name]
    canvas.onpointermove = (event) => {
      if (!state.data) return
      stop()
      move(places[name](event))
    }
    canvas.onclick = (event) => {
      if (!state.data) return
      move(places[name](event))
      send()
    }
  }
  canvases.channels.onpointermove = canvases.channels.onclick = (event) => {
    if (!state.data) return
    const [x, y] = within(canvases.channels, event)
    const { across, wide, high } = stripLayout()
    state.channel = clamp(Math.floor(y / high) * across + clamp(Math.floor(x / wide), across - 1), state.data.input.shape[0] - 1)
    paint()
  }

  canvases.channels.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    const count = state.data.input.shape[0]
    state.channel = (shownChannel(work(state, state.at)) + by + count) % count
    paint()
    find(".said").textContent = find(".source figcaption").textContent
  }

  const KEYS = { ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], PageUp: [-1, 0, 0], PageDown: [1, 0, 0] }
  for (const name of ["source", "result"])
    canvases[name].onkeydown = (event) => {
      if (event.key in KEYS) {
        event.preventDefault()
        stop()
        move(state.at.map((value, axis) => value + KEYS[event.key][axis]), { spoken: true })
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault()
        send()
      }
    }

  grid.watcher.observe(root)
  return grid
}
