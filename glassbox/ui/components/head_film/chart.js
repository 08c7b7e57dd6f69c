// A small chart of curves over the steps of a training, on a logarithmic axis, with a rule at one of them.
import { element, svgElement } from "../_shared/dom.js"
import { measured, number, tickPercent } from "../_shared/numbers.js"

// Where each step lies between the first, 0, and the last, 1.
export function placesOf(steps) {
  const logs = steps.map(Math.log)
  const span = logs.at(-1) - logs[0] || 1
  return logs.map((value) => (value - logs[0]) / span)
}

// Draw `chart` into `parent`; `axis`: what stands below it.
export function createChart(chart, { steps, axis }, parent) {
  const figure = element("figure", "", parent)
  const caption = element("figcaption", "", figure)
  element("b", "", caption, chart.title)
  const values = chart.curves.map(({ name, colour, dash }) => {
    const item = element("span", "", caption)
    const line = element("i", "", item)
    line.style.borderColor = colour
    line.style.borderTopStyle = dash ? "dashed" : "solid"
    return { name, told: element("span", "", item) }
  })
  const plot = element("div", "plot", figure)
  const ends = element("div", "ends", plot)
  element("span", "", ends, chart.share ? tickPercent(chart.high) : number(chart.high))
  element("span", "", ends, chart.share ? tickPercent(0) : "0")
  const svg = svgElement(
    "svg",
    { viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "img", "aria-label": chart.title },
    plot,
  )
  const across = element("div", "across", plot)
  element("span", "", across, String(steps[0]))
  element("span", "", across, axis)
  element("span", "", across, steps.at(-1).toLocaleString("en"))
  const places = placesOf(steps)
  for (const curve of chart.curves) {
    const points = curve.values.map((value, i) => `${places[i]},${1 - value / chart.high}`).join(" ")
    svgElement("polyline", { points, stroke: curve.colour, "stroke-dasharray": curve.dash }, svg)
  }
  const rule = svgElement("line", { class: "rule", y1: 0, y2: 1 }, svg)
  return {
    seek(step) {
      rule.setAttribute("x1", places[step])
      rule.setAttribute("x2", places[step])
      values.forEach(({ name, told }, i) => {
        const value = chart.curves[i].values[step]
        told.textContent = `${name}: ${chart.share ? measured(value) : number(value)}`
      })
    },
  }
}
