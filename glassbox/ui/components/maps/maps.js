// Rows of heat maps. Each is painted once; pointing at a cell, or going there with the arrow keys, shows its value.
import { bytes, typedArray } from "../_shared/arrays.js"
import { exploreCells, outlineEdges, strokeEdges } from "../_shared/cells.js"
import { css, themeColours } from "../_shared/colours.js"
import { element, remembered } from "../_shared/dom.js"
import { fill, number } from "../_shared/numbers.js"

const SIZE = 336 // the canvas's pixels along its longer side, about two for one of the page's
const LEAST = 0.004 // shares below are paper: nobody would see them
const INKED = 127 // values of a digit above are ink
const OUTLINE = 0.55 // how strong the outline of a digit is

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-maps")
  const board = remembered(root, () => ({ focused: null }))
  Object.assign(board, {
    words: data.words,
    theme: themeColours(root),
    pick: (name) => setTriggerValue("picked", name),
  })
  root.replaceChildren(...data.rows.map((row) => createRow(board, row)))
  if (board.focused) root.querySelector(`[data-id="${CSS.escape(board.focused)}"]`)?.focus({ preventScroll: true })
  board.focused = null
}

function createRow(board, row) {
  const section = element("section", "gb-map-row")
  if (row.title || row.text) {
    const words = element("div", "gb-map-words", section)
    if (row.title) element("h2", "", words, row.title)
    if (row.text) element("p", "", words, row.text)
    if (row.small) element("p", "gb-map-small", words, row.small)
    if (row.link)
      Object.assign(element("a", "", words, row.link.label), { href: row.link.href, target: "_blank", rel: "noopener" })
  }
  const tiles = element("div", "gb-tiles", section)
  row.tiles.forEach((tile, i) => {
    if (row.operators[i - 1]) element("span", "gb-operator", tiles, row.operators[i - 1])
    tiles.append(createTile(board, tile))
  })
  return section
}

function createTile(board, tile) {
  const figure = element("figure", "gb-map")
  figure.style.setProperty("--width", `${tile.width}px`)
  figure.classList.toggle("gb-picked", tile.picked)
  if (tile.colour) figure.style.setProperty("--colour", tile.colour)
  createTitle(board, tile, figure)
  const { rows, columns } = tile
  const map = { ...tile, values: typedArray(tile.values, Float32Array), outline: tile.outline && bytes(tile.outline) }
  const cell = Math.max(1, Math.floor(SIZE / Math.max(rows, columns)))
  const canvas = element("canvas", "", figure)
  Object.assign(canvas, { width: columns * cell, height: rows * cell })
  canvas.setAttribute("aria-label", [tile.title, tile.note, board.words.explore].filter(Boolean).join(". "))
  const scale = element("div", "gb-scale", figure)
  element("span", "", scale, tile.scale[0])
  element("i", tile.low < 0 ? "gb-signed" : "gb-unsigned", scale)
  element("span", "", scale, tile.scale[1])
  if (tile.bar) createBar(figure, tile.bar)
  const note = element("figcaption", "", figure, tile.note)
  note.setAttribute("aria-live", "polite")
  let at = null

  function point(to) {
    at = to
    paint(canvas, map, cell, board.theme, at)
    note.textContent = at ? said(at) : tile.note
  }
  const said = ([row, column]) =>
    fill(board.words.cell, { row: row + 1, column: column + 1, value: number(map.values[row * columns + column]) })
  exploreCells(canvas, { rows, columns, at: () => at, point })
  paint(canvas, map, cell, board.theme, null)
  return figure
}

function createTitle(board, tile, figure) {
  const title = element(tile.pick ? "button" : "b", "gb-map-title", figure, tile.title)
  if (!tile.pick) return
  Object.assign(title, { type: "button", title: board.words.show, ariaPressed: String(tile.picked) })
  title.dataset.id = tile.pick
  title.onclick = () => {
    board.focused = tile.pick
    board.pick(tile.pick)
  }
}

// A share of the way with marks to beat.
function createBar(figure, bar) {
  const track = element("div", "gb-score", figure)
  track.style.setProperty("--share", bar.value)
  if (bar.good !== null) track.classList.add(bar.good ? "gb-good" : "gb-poor")
  element("i", "", track)
  for (const mark of bar.marks) {
    const line = element("span", "", track)
    line.style.setProperty("--at", mark.at)
    line.title = mark.name
  }
  element("div", "gb-score-text", figure, bar.text)
}

// The map's values and outline are typed arrays, row by row.
function paint(canvas, { rows, columns, values, low, high, outline }, cell, theme, at) {
  const context = canvas.getContext("2d")
  const [signed, ink, negative, positive] = [low < 0, ...[theme.ink, theme.negative, theme.positive].map(css)]
  context.clearRect(0, 0, canvas.width, canvas.height)
  values.forEach((value, i) => {
    const share = signed ? Math.abs(value) / (high || 1) : (value - low) / (high - low || 1)
    if (!(share > LEAST)) return
    context.globalAlpha = Math.min(1, share)
    context.fillStyle = !signed ? ink : value < 0 ? negative : positive
    context.fillRect((i % columns) * cell, Math.floor(i / columns) * cell, cell, cell)
  })
  context.strokeStyle = ink
  if (outline) {
    Object.assign(context, { globalAlpha: OUTLINE, lineWidth: 1.5 })
    strokeEdges(
      context,
      outlineEdges((row, column) => outline[row * columns + column] > INKED, rows, columns),
      cell,
    )
  }
  context.globalAlpha = 1
  if (!at) return
  context.lineWidth = Math.max(2, cell / 5)
  context.strokeRect(at[1] * cell, at[0] * cell, cell, cell)
}
