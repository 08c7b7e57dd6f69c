// Curves over one axis, drawn as SVG at the size that there is, so that words keep theirs on a phone.
const SVG = "http://www.w3.org/2000/svg"
const TOP = 8, FOOT = 40, RIGHT = 12
const boards = new WeakMap()

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".curves")
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

function number(value) {
  if (value === 0) return "0"
  const size = Math.abs(value)
  if (size >= 0.001 && size < 1e5) return String(Number(value.toPrecision(3))).replace("-", "−")
  const [mantissa, power] = value.toExponential(2).split("e")
  const raised = String(Number(power)).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]))
  return `${mantissa.replace(/\.?0+$/, "")} × 10${raised}`.replace("-", "−")
}
const said = (axis, value) => (axis.kind === "share" ? `${Number((100 * value).toFixed(1))} %` : number(value))

// Round numbers, about `count` of them: those from low to high, and the one before and the one after.
function rounds(low, high, count) {
  const rough = (high - low) / count || 1, ten = 10 ** Math.floor(Math.log10(rough))
  const step = ten * ([1, 2, 5].find((one) => one * ten >= rough) ?? 10)
  const found = []
  for (let i = Math.floor(low / step + 1e-9); i < high / step + 1 - 1e-9; i++) found.push(i * step)
  return found
}
function powers(low, high) {
  const decades = Math.log10(high / low), steps = decades > 3 ? [1] : [1, 2, 5], found = []
  const every = Math.max(1, Math.ceil(decades / 6))
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p += every) steps.forEach((s) => found.push(s * 10 ** p))
  const first = found.findLastIndex((value) => value <= low * 1.001), last = found.findIndex((value) => value >= high * 0.999)
  return found.slice(Math.max(0, first), last < 0 ? undefined : last + 1)
}

function createBoard(root) {
  const svg = root.querySelector("svg"), legend = root.querySelector("figcaption"), status = root.querySelector("p")
  let data, at = null, width = 0, rule, dots

  function show(given) {
    data = given
    at = null
    svg.setAttribute("aria-label", data.alt)
    svg.style.height = `${data.height}px`
    legend.replaceChildren(Object.assign(document.createElement("b"), { textContent: data.up.title }))
    if (data.curves.length > 1)
      for (const { name, colour, dash } of data.curves) {
        const item = document.createElement("span"), line = document.createElement("i")
        Object.assign(line.style, { borderColor: colour, borderTopStyle: dash ? (dash.startsWith("1") ? "dotted" : "dashed") : "solid" })
        item.append(line, name)
        legend.append(item)
      }
    draw()
  }

  function ends(axis, values) {
    const shown = values.filter((value) => Number.isFinite(value) && (axis.kind !== "log" || value > 0))
    return [axis.low ?? Math.min(...shown), axis.high ?? Math.max(...shown)]
  }

  function draw() {
    width = svg.clientWidth
    if (!data || !width) return
    const { across, up, places, height } = data, log = up.kind === "log"
    let [bottom, top] = ends(up, data.curves.flatMap((curve) => curve.values))
    if (!(top > bottom)) [bottom, top] = log ? [bottom / 2, bottom * 2] : [Math.min(0, bottom), bottom + 1]
    const [first, last] = ends(across, places)
    const marks = log ? powers(bottom, top) : rounds(bottom, top, 5)
    ;[bottom, top] = [up.low ?? marks[0], up.high ?? marks.at(-1)]
    const left = 14 + 7 * Math.max(...marks.map((value) => said(up, value).length)), low = height - FOOT
    const scaled = log ? Math.log : Number
    const along = across.kind === "log" ? Math.log : Number
    const x = (value) => left + ((along(value) - along(first)) / (along(last) - along(first) || 1)) * (width - left - RIGHT)
    const y = (value) => low - ((scaled(value) - scaled(bottom)) / (scaled(top) - scaled(bottom))) * (low - TOP)
    svg.replaceChildren()
    for (const value of marks) {
      part("line", { class: "line", x1: left, x2: width - RIGHT, y1: y(value), y2: y(value) }, svg)
      part("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, svg, said(up, value))
    }
    const below = across.kind === "log" ? powers(first, last) : rounds(first, last, Math.max(2, Math.floor(width / 90)))
    for (const value of below)
      if (value >= first * 0.999 && value <= last * 1.001 && (across.kind !== "number" || Number.isInteger(value))) part("text", { x: x(value), y: low + 17, "text-anchor": "middle" }, svg, said(across, value))
    part("text", { x: (left + width - RIGHT) / 2, y: height - 4, "text-anchor": "middle" }, svg, across.title)
    part("line", { class: "axis", x1: left, x2: width - RIGHT, y1: low, y2: low }, svg)
    if (across.mark !== null) part("line", { class: "mark", x1: x(across.mark), x2: x(across.mark), y1: TOP, y2: low }, svg)
    for (const { values, colour, dash, filled, low: least, high: most } of data.curves) {
      if (least && most) {
        const edge = (heights) => places.map((place, i) => `${x(place).toFixed(1)},${y(Math.max(heights[i], bottom)).toFixed(1)}`)
        part("polygon", { class: "area", fill: colour, points: [...edge(least), ...edge(most).reverse()].join(" ") }, svg)
      }
      const points = places.flatMap((place, i) => (Number.isFinite(values[i]) && (!log || values[i] > 0) ? [`${x(place).toFixed(1)},${y(values[i]).toFixed(1)}`] : []))
      if (filled) part("polygon", { class: "area", fill: colour, points: [`${x(first)},${low}`, ...points, `${x(last)},${low}`].join(" ") }, svg)
      part("polyline", { class: "curve", stroke: colour, "stroke-dasharray": dash, points: points.join(" ") }, svg)
      if (places.length <= 40 && !dash) for (const point of points) part("circle", { class: "dot", fill: colour, r: 3.5, cx: point.split(",")[0], cy: point.split(",")[1] }, svg)
    }
    rule = part("line", { class: "rule", y1: TOP, y2: low }, svg)
    dots = data.curves.map(({ colour }) => part("circle", { class: "dot", fill: colour, r: 5 }, svg))
    svg.at = { x, y, left }
    read(at)
  }

  function read(place) {
    at = place
    const shown = at !== null, { x, y } = svg.at
    rule.style.display = shown ? "" : "none"
    dots.forEach((dot, i) => {
      const value = shown ? data.curves[i].values[at] : NaN
      dot.style.display = Number.isFinite(value) && Number.isFinite(y(value)) ? "" : "none"
      if (dot.style.display) return
      dot.setAttribute("cx", x(data.places[at]))
      dot.setAttribute("cy", y(value))
    })
    if (!shown) return void (status.textContent = "")
    rule.setAttribute("x1", x(data.places[at]))
    rule.setAttribute("x2", x(data.places[at]))
    const values = data.curves.map(({ name, values }) => `${data.curves.length > 1 ? `${name} ` : ""}${said(data.up, values[at])}`)
    status.textContent = `${data.across.title} ${said(data.across, data.places[at])}: ${values.join(" · ")}`
  }

  svg.onpointermove = svg.onpointerdown = (event) => {
    const from = svg.getBoundingClientRect().left
    const away = data.places.map((place) => Math.abs(svg.at.x(place) + from - event.clientX))
    read(away.indexOf(Math.min(...away)))
  }
  svg.onpointerleave = (event) => event.pointerType === "mouse" && read(null)
  svg.onblur = () => read(null)
  svg.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step) return
    event.preventDefault()
    read(Math.min(data.places.length - 1, Math.max(0, at === null ? 0 : at + step)))
  }
  new ResizeObserver(() => svg.clientWidth !== width && draw()).observe(svg)
  return { show }
}
