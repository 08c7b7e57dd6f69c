// The race of the labels: how probable the network finds each of those that ever lead, row after row, up to the row read.
import { element, svgElement } from "../_shared/dom.js"
import { paintPanel } from "./panel.js"

const MOST = 5 // lines in a lane
const APART = 0.25 // labels nearer than this share of the lane's height would lie on each other

// The label that leads after each row, from `values`, a probability a label (rows of `units`).
export function leaders(values, units) {
  const rows = values.length / units
  return Array.from({ length: rows }, (_, row) => {
    const ofRow = values.slice(row * units, (row + 1) * units)
    return ofRow.indexOf(Math.max(...ofRow))
  })
}

// The rows, counted from 0, after which another label leads than before.
export const turns = (led) => led.flatMap((label, row) => (row && label !== led[row - 1] ? [row] : []))

// The labels that lead for the most rows, at most MOST; the one that leads in the end is always among them.
export function contenders(led) {
  const times = new Map()
  for (const label of led) times.set(label, (times.get(label) ?? 0) + 1)
  const ordered = [...times].sort(([, a], [, b]) => b - a).map(([label]) => label)
  return [led.at(-1), ...ordered.filter((label) => label !== led.at(-1))].slice(0, MOST)
}

// Draw a lane for each of `racers`, { network, score } with the panel of its probabilities, beside the `picture` that
// they read. Returns a function that shows them after `row` rows.
export function createRace(root, { racers, picture, rows }) {
  root.replaceChildren()
  const digit = picture && { ...picture, canvas: element("canvas", "", element("div", "digit", root)) }
  if (digit) Object.assign(digit.canvas, { width: picture.units, height: rows })
  const band = digit && element("i", "", digit.canvas.parentElement)
  const all = element("div", "lanes", root)
  const lanes = racers.map((racer) => createLane(racer, rows, all))
  return (row, theme) => {
    if (digit) {
      paintPanel(digit, theme, row)
      band.style.setProperty("--at", (row - 1) / rows)
      band.style.setProperty("--high", 1 / rows)
    }
    for (const show of lanes) show(row)
  }
}

function createLane({ network, score }, rows, parent) {
  const { units, values } = score
  const led = leaders(values, units)
  const lane = element("div", "lane", parent)
  lane.style.setProperty("--colour", network.colour)
  element("b", "", lane, network.title)
  const track = element("div", "track", lane)
  const drawing = svgElement("svg", { viewBox: `0 0 ${rows - 1} 1`, preserveAspectRatio: "none" }, track)
  const place = (mark, row, label) => {
    mark.style.setProperty("--across", row / (rows - 1))
    mark.style.setProperty("--up", values[row * units + label])
  }
  const lines = contenders(led).map((label) => ({
    label,
    path: svgElement("path", {}, drawing),
    end: element("span", "", track, String(label)),
  }))
  const dots = turns(led).map((row) => {
    const dot = element("i", "", track)
    place(dot, row, led[row])
    return { row, dot }
  })
  return (read) => {
    const last = read - 1
    const named = []
    const leadsFirst = [...lines].sort((a, b) => values[last * units + b.label] - values[last * units + a.label])
    for (const { label, path, end } of leadsFirst) {
      const height = values[last * units + label]
      end.hidden = named.some((other) => Math.abs(other - height) < APART)
      if (!end.hidden) named.push(height)
      const points = Array.from({ length: read }, (_, row) => `${row} ${1 - values[row * units + label]}`)
      path.setAttribute("d", `M${points.join("L")}`)
      place(end, last, label)
      for (const one of [path, end]) one.classList.toggle("leads", label === led[last])
    }
    for (const { row, dot } of dots) dot.hidden = row > last
  }
}
