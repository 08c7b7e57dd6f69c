// One heat map of a film: rows are time, from top to bottom, columns are units.
import { float16Array, typedArray } from "../_shared/arrays.js"
import { cellUnder, exploreCells } from "../_shared/cells.js"
import { diverging, mix } from "../_shared/colours.js"
import { element } from "../_shared/dom.js"
import { steadyNumber } from "../_shared/numbers.js"

const AHEAD = 0.07 // how strong the rows are that were not read yet
const BAR_WIDTH = 72
const BAR = 0.75 // how strong a bar is

// Draw the panel `given` of a network and return it with its canvas and its marks. `labels`: what stands beside the
// rows, if anything; `explore`: how it is explored, for screen readers.
export function createPanel(given, { network, rows, labels, explore }, parent) {
  const [cell, height] = network.cell
  const figure = element("figure", "", parent)
  element("figcaption", "", figure, given.title)
  const body = element("div", "body gb-edges", figure)
  if (labels.length) {
    const list = element("ol", "labels", body)
    for (const label of labels) element("li", "", list, label)
  }
  const map = element("div", "map", body)
  const canvas = element("canvas", "", map)
  const width = given.bars ? 1 : given.wide ? cell + 2 : cell
  const values = given.part === "score" ? typedArray(given.values, Float32Array) : float16Array(given.values)
  const panel = { ...given, network, rows, canvas, height, values, at: [0, 0] }
  Object.assign(canvas, { width: given.bars ? BAR_WIDTH : given.units, height: rows })
  map.style.width = `${canvas.width * width}px`
  canvas.style.height = `${rows * height}px`
  body.style.setProperty("--cell", `${height}px`)
  map.style.setProperty("--units", given.units)
  for (const mark of ["band", "point", "asked"]) panel[mark] = element("i", mark, map)
  canvas.setAttribute("aria-label", `${network.long_title}: ${given.title}. ${explore}`)
  createScale(given, figure)
  return panel
}

function createScale(given, figure) {
  if (given.wide) {
    const ticks = element("div", "ticks", figure)
    for (let unit = 0; unit < given.units; unit++) element("span", "", ticks, String(unit))
  } else if (!given.bars && given.part !== "picture") {
    const scale = element("div", given.signed ? "scale signed" : "scale", figure)
    element("span", "", scale, given.signed ? steadyNumber(-given.limit) : "0")
    element("u", "", scale)
    element("span", "", scale, steadyNumber(given.limit))
  }
}

// Paint the panel with its first `read` rows in full strength.
export function paintPanel({ canvas, rows, units, values, limit, signed, bars }, theme, read) {
  const width = canvas.width
  const context = canvas.getContext("2d")
  const image = context.createImageData(width, rows)
  for (let row = 0; row < rows; row++) {
    const strength = row < read ? 1 : AHEAD
    for (let x = 0; x < width; x++) {
      const value = bars ? (x + 0.5 < values[row] * width ? BAR : 0) : values[row * units + x] / limit
      const colour = signed
        ? diverging(theme, value * strength)
        : mix(theme.paper, theme.ink, Math.abs(value) * strength)
      image.data.set([...colour, 255], 4 * (row * width + x))
    }
  }
  context.putImageData(image, 0, 0)
}

// Show the mark "band", "point" or "asked" of the panel at a cell.
export function placeMark(panel, mark, row, unit) {
  const left = mark === "band" ? "" : `${(100 * unit) / panel.units}%`
  Object.assign(panel[mark].style, { display: "block", top: `${row * panel.height}px`, left })
}

// Call `point` with the cell that the pointer or the keys go to, or null, and `ask` with the one clicked.
export function listen(panel, { point, ask }) {
  const { canvas, rows, units } = panel
  exploreCells(canvas, { rows, columns: units, at: () => panel.at, point })
  canvas.onfocus = () => canvas.matches(":focus-visible") && point(panel.at)
  canvas.onclick = (event) => ask(cellUnder(event, rows, units))
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return
    event.preventDefault()
    ask(panel.at)
  })
}
