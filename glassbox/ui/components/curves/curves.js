// Curves over one axis, drawn as SVG at the size that there is, so that words keep theirs on a phone.
import { element, remembered, setAttributes, svgElement } from "../_shared/dom.js"
import { clamp } from "../_shared/numbers.js"
import { axisEnds, axisScale, axisTicks, openEnds, tickText, valueText } from "./axis.js"

const TOP = 8
const FOOT = 40
const RIGHT = 12
const MOST_DOTS = 40 // places up to which a curve has a dot at each

export default function ({ data, parentElement }) {
  remembered(parentElement.querySelector(".curves"), createCurves).show(data)
}

function createCurves(root) {
  const [svg, legend, status] = ["svg", "figcaption", "p"].map((name) => root.querySelector(name))
  // `at`: the index of the place that is read out, or null; `x` and `y`: from values to pixels.
  const state = { data: null, at: null, width: 0, x: null, y: null, rule: null, dots: [] }

  function show(data) {
    Object.assign(state, { data, at: null })
    svg.setAttribute("aria-label", data.alt)
    svg.style.height = `${data.height}px`
    writeLegend()
    draw()
  }

  function writeLegend() {
    const { up, curves } = state.data
    legend.replaceChildren()
    element("b", "", legend, up.title)
    if (curves.length === 1) return
    for (const { name, colour, dash } of curves) {
      const item = element("span", "", legend)
      const line = element("i", "", item)
      Object.assign(line.style, {
        borderColor: colour,
        borderTopStyle: dash ? (dash.startsWith("1") ? "dotted" : "dashed") : "solid",
      })
      item.append(name)
    }
  }

  function draw() {
    state.width = svg.clientWidth
    if (!state.data || !state.width) return
    const { across, up, places, curves, height } = state.data
    const low = height - FOOT
    const spread = openEnds(
      up,
      curves.flatMap((curve) => curve.values),
    )
    const marks = axisTicks(up, spread, 5)
    const heights = [up.low ?? marks[0], up.high ?? marks.at(-1)]
    const left = 14 + 7 * Math.max(...marks.map((value) => tickText(up, value).length))
    const right = state.width - RIGHT
    const widths = axisEnds(across, places)
    state.x = axisScale(across, widths, left, right)
    state.y = axisScale(up, heights, low, TOP)
    svg.replaceChildren()
    for (const value of marks) {
      const y = state.y(value)
      svgElement("line", { class: "line", x1: left, x2: right, y1: y, y2: y }, svg)
      svgElement("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, svg, tickText(up, value))
    }
    drawAcross(widths, { left, right, low })
    for (const curve of curves) drawCurve(curve, widths, low)
    state.rule = svgElement("line", { class: "rule", y1: TOP, y2: low }, svg)
    state.dots = curves.map(({ colour }) => svgElement("circle", { class: "dot", fill: colour, r: 5 }, svg))
    read(state.at)
  }

  function drawAcross([first, last], { left, right, low }) {
    const { across, height } = state.data
    for (const value of axisTicks(across, [first, last], Math.max(2, Math.floor(state.width / 90)))) {
      const within = across.kind === "ends" || (value >= first * 0.999 && value <= last * 1.001)
      if (!within || (across.kind === "number" && !Number.isInteger(value))) continue
      const anchor =
        across.kind !== "ends" || (value > first && value < last) ? "middle" : value === first ? "start" : "end"
      svgElement("text", { x: state.x(value), y: low + 17, "text-anchor": anchor }, svg, tickText(across, value))
    }
    svgElement("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, svg, across.title)
    svgElement("line", { class: "axis", x1: left, x2: right, y1: low, y2: low }, svg)
  }

  function drawCurve({ values, colour, dash, filled }, [first, last], low) {
    const { places, up } = state.data
    const { x, y } = state
    const drawable = (value) => Number.isFinite(value) && (up.kind !== "log" || value > 0)
    const points = places.flatMap((place, i) =>
      drawable(values[i]) ? [[x(place).toFixed(1), y(values[i]).toFixed(1)]] : [],
    )
    if (filled) {
      const corners = [[x(first), low], ...points, [x(last), low]]
      svgElement("polygon", { class: "area", fill: colour, points: corners.join(" ") }, svg)
    }
    svgElement("polyline", { class: "curve", stroke: colour, "stroke-dasharray": dash, points: points.join(" ") }, svg)
    if (places.length > MOST_DOTS || dash) return
    for (const [cx, cy] of points) svgElement("circle", { class: "dot", fill: colour, r: 3.5, cx, cy }, svg)
  }

  // Read the curves off at a place, or no longer (null).
  function read(at) {
    state.at = at
    const { data, x, y, rule, dots } = state
    const { across, up, places, curves } = data
    rule.style.display = at === null ? "none" : ""
    dots.forEach((dot, i) => {
      const value = at === null ? null : curves[i].values[at]
      const shown = Number.isFinite(value) && Number.isFinite(y(value))
      dot.style.display = shown ? "" : "none"
      if (shown) setAttributes(dot, { cx: x(places[at]), cy: y(value) })
    })
    if (at === null) {
      status.textContent = ""
      return
    }
    setAttributes(rule, { x1: x(places[at]), x2: x(places[at]) })
    const told = curves.map(({ name, values }) => `${curves.length > 1 ? `${name} ` : ""}${valueText(up, values[at])}`)
    status.textContent = `${across.title} ${tickText(across, places[at])}: ${told.join(" · ")}`
  }

  svg.onpointermove = svg.onpointerdown = (event) => {
    const across = event.clientX - svg.getBoundingClientRect().left
    const away = state.data.places.map((place) => Math.abs(state.x(place) - across))
    read(away.indexOf(Math.min(...away)))
  }
  svg.onpointerleave = (event) => event.pointerType === "mouse" && read(null)
  svg.onblur = () => read(null)
  svg.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step) return
    event.preventDefault()
    read(clamp(state.at === null ? 0 : state.at + step, 0, state.data.places.length - 1))
  }
  new ResizeObserver(() => svg.clientWidth !== state.width && draw()).observe(svg)
  return { show }
}
