// Drawn as SVG at the size that there is, so that words keep theirs on a phone.
const SVG = "http://www.w3.org/2000/svg"
const TOP = 10, RIGHT = 14, NEAR = 30
const OPEN = new Set(["diamond", "cross"])
const SHAPES = {
  circle: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`,
  square: (r) => `M${-r},${-r}h${2 * r}v${2 * r}h${-2 * r}Z`,
  triangle: (r) => `M0,${-1.2 * r}L${1.15 * r},${0.8 * r}H${-1.15 * r}Z`,
  diamond: (r) => `M0,${-1.3 * r}L${1.3 * r},0L0,${1.3 * r}L${-1.3 * r},0Z`,
  cross: (r) => `M${-r},${-r}L${r},${r}M${r},${-r}L${-r},${r}`,
  hexagon: (r) => `M${-1.2 * r},0L${-0.6 * r},${-1.04 * r}H${0.6 * r}L${1.2 * r},0L${0.6 * r},${1.04 * r}H${-0.6 * r}Z`,
  star: (r) => "M" + [...Array(10).keys()].map((i) => [Math.sin((i * Math.PI) / 5), -Math.cos((i * Math.PI) / 5)].map((v) => (v * r * (i % 2 ? 0.6 : 1.5)).toFixed(2))).join("L") + "Z",
}
const FINER = [[0.6, [1, 2, 3, 4, 5, 6, 8]], [1.3, [1, 2, 3, 5, 7]], [2.5, [1, 3]], [Infinity, [1]]] // steps within fewer powers of ten than that
const FINEST = [1, 1.2, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9]
const boards = new WeakMap()

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".scatter")
  let board = boards.get(root)
  if (!board) boards.set(root, (board = createBoard(root)))
  board.show(data)
}

function part(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (text !== undefined) made.textContent = text
  parent.append(made)
  return made
}

function ticks({ kind, low, high }, room) {
  const found = []
  if (kind === "year") {
    const step = [1, 2, 5, 10, 20, 50].find((one) => (high - low) / one <= room / 55) ?? 100
    for (let year = Math.ceil(low / step) * step; year <= high; year += step) found.push(year)
    return found
  }
  const decades = Math.log10(high / low), every = [1, 2, 3, 5, 10].find((one) => decades / one <= room / 34) ?? 20
  let [, steps] = room > 130 ? FINER.find(([most]) => decades < most) : FINER.at(-1)
  if (decades < 0.35 && kind !== "log") steps = FINEST
  for (let p = Math.ceil(Math.log10(low) / every - 1) * every; 10 ** p <= high; p += every)
    for (const step of steps) if (step * 10 ** p >= low && step * 10 ** p <= high) found.push(step * 10 ** p)
  return found
}

// On an axis of kind "log" 1000 is written 10³; a share in per cent, a year as it is.
function label(axis, value, attributes, svg) {
  const text = part("text", attributes, svg)
  if (axis.kind === "year") text.textContent = String(value)
  else if (axis.kind === "number") text.textContent = Number(value.toPrecision(2)).toLocaleString("en")
  else if (axis.kind === "share") text.textContent = `${Number((100 * value).toPrecision(2))} %`
  else {
    const power = Math.floor(Math.log10(value) + 1e-9), front = Math.round(value / 10 ** power)
    text.textContent = `${front === 1 ? "" : `${front} × `}10`
    part("tspan", { dy: -5 }, text, String(power).replace("-", "−"))
  }
}

function createBoard(root) {
  const svg = root.querySelector("svg"), legend = root.querySelector("figcaption"), status = root.querySelector("p")
  let data, shown, at = null, width = 0, ring, placed = []

  function show(given) {
    const text = JSON.stringify(given)
    if (text === shown) return
    ;[data, shown, at] = [given, text, null]
    svg.setAttribute("aria-label", data.alt)
    svg.style.height = `${data.height}px`
    legend.replaceChildren(Object.assign(document.createElement("b"), { textContent: data.up.title }))
    for (const { name, shape } of Object.values(data.kinds)) if (name) key(name, (icon) => mark({ shape }, 9, 7, icon))
    if (data.trends.length) key(data.words.fit, (icon) => part("path", { class: "trend", d: "M0,7H18" }, icon))
    draw()
  }

  function key(name, drawn) {
    const item = document.createElement("span"), icon = part("svg", { "aria-hidden": true }, item)
    drawn(icon)
    item.append(name)
    legend.append(item)
  }

  function mark({ shape, colour }, x, y, parent) {
    const style = colour ? `--colour: ${colour}` : "", r = shape === "star" ? 6 : 4
    return part("path", { class: `mark${OPEN.has(shape) ? " open" : ""}`, style, d: SHAPES[shape](r), transform: `translate(${x.toFixed(1)},${y.toFixed(1)})` }, parent)
  }

  function draw() {
    width = svg.clientWidth
    if (!data || !width) return
    const { across, up, height } = data, low = height - (across.title ? 42 : 26), left = 44
    const scale = (axis, from, to) => {
      const f = axis.kind === "year" ? Number : Math.log
      return (value) => from + ((f(value) - f(axis.low)) / (f(axis.high) - f(axis.low))) * (to - from)
    }
    const x = scale(across, left, width - RIGHT), y = scale(up, low, TOP)
    svg.replaceChildren()
    for (const value of ticks(up, low - TOP)) {
      part("line", { class: "line", x1: left, x2: width - RIGHT, y1: y(value), y2: y(value) }, svg)
      label(up, value, { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, svg)
    }
    for (const value of ticks(across, (width - left) * (across.kind === "year" ? 1 : 0.5)))
      label(across, value, { x: x(value), y: low + 18, "text-anchor": "middle" }, svg)
    part("line", { class: "axis", x1: left, x2: width - RIGHT, y1: low, y2: low }, svg)
    if (across.title) part("text", { x: (left + width - RIGHT) / 2, y: height - 6, "text-anchor": "middle" }, svg, across.title)
    for (const trend of data.trends) {
      const path = (values) => trend.x.map((place, i) => `${x(place).toFixed(1)},${y(values[i]).toFixed(1)}`)
      part("polygon", { class: "band", points: [...path(trend.high), ...path(trend.low).reverse()].join(" ") }, svg)
      part("polyline", { class: "trend", points: path(trend.middle).join(" ") }, svg)
    }
    if (data.line.length) part("polyline", { class: "front", points: data.line.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ") }, svg)
    placed = data.marks.map((one) => ({ one, x: x(one.x), y: y(one.y) })).sort((a, b) => a.x - b.x)
    for (const { one, x: px, y: py } of placed) {
      const shape = data.kinds[one.kind].shape
      if (one.ends) part("line", { class: "ends", style: `--colour: ${one.colour}`, x1: px, x2: px, y1: y(one.ends[0]), y2: y(one.ends[1]) }, svg)
      mark({ shape, colour: one.colour }, px, py, svg)
    }
    names(left)
    ring = part("circle", { class: "ring", r: 8 }, svg)
    read(at)
  }

  // Each name stands at the one of four places beside its mark that hides least, or nowhere.
  function names(left) {
    const boxes = []
    for (const { one, x, y } of placed.filter(({ one }) => one.name)) {
      const text = part("text", { class: "name" }, svg, one.name)
      const wide = text.getComputedTextLength()
      const places = [[-9 - wide, -6], [9, -6], [-9 - wide, 16], [9, 16], [9, 4], [-9 - wide, 4]].map(([dx, dy]) => ({ x: x + dx, y: y + dy }))
      const cost = (place) => {
        const near = (other, by) => other.x > place.x - by && other.x < place.x + wide + by && other.y > place.y - 10 - by && other.y < place.y + by
        const hits = (box) => place.x < box.x + box.wide && box.x < place.x + wide && Math.abs(place.y - box.y) < 14
        const outside = place.x < left || place.x + wide > width || place.y < TOP
        const hidden = placed.filter((other) => near(other, 4)).length, besides = placed.filter((other) => other.one !== one && near(other, 14)).length
        return hidden + 0.3 * besides + 100 * boxes.filter(hits).length + (outside ? 100 : 0)
      }
      const best = places.reduce((a, b) => (cost(b) < cost(a) ? b : a))
      if (cost(best) >= 100) {
        text.remove()
        continue
      }
      text.setAttribute("x", best.x)
      text.setAttribute("y", best.y)
      boxes.push({ ...best, wide })
    }
  }

  function read(place) {
    at = place
    ring.style.display = at === null ? "none" : ""
    if (at === null) return void status.replaceChildren(Object.assign(document.createElement("span"), { className: "hint", textContent: data.words.hint }))
    const { one, x, y } = placed[at]
    ring.setAttribute("cx", x)
    ring.setAttribute("cy", y)
    status.replaceChildren(one.said)
    if (one.link) status.append(Object.assign(document.createElement("a"), { href: one.link, target: "_blank", rel: "noopener", textContent: `${data.words.source} ↗` }))
  }

  // What was read last stays, so that the pointer can go to its link.
  svg.onpointermove = svg.onpointerdown = (event) => {
    const box = svg.getBoundingClientRect()
    const away = placed.map(({ x, y }) => Math.hypot(x + box.left - event.clientX, y + box.top - event.clientY))
    const best = away.indexOf(Math.min(...away))
    if (best >= 0 && best !== at && away[best] < NEAR) read(best)
  }
  svg.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step || !placed.length) return
    event.preventDefault()
    read(Math.min(placed.length - 1, Math.max(0, at === null ? 0 : at + step)))
  }
  new ResizeObserver(() => svg.clientWidth !== width && draw()).observe(svg)
  return { show }
}
