// Two pictures of the same 28 x 28 cells. Pointing at a cell of one tells its sum in words and marks it in both.
import { exploreCells, outlineEdges, strokeEdges } from "../_shared/cells.js"
import { css, themeColours } from "../_shared/colours.js"
import { element, remembered } from "../_shared/dom.js"
import { fill, number } from "../_shared/numbers.js"

const SIDE = 28
const ZOOM = 10

export default function ({ data, parentElement }) {
  const pair = remembered(parentElement.querySelector(".pair"), (root) =>
    createPair(root, parentElement.querySelector("p")),
  )
  pair.show(data)
}

function createPair(root, readout) {
  const canvases = [...root.querySelectorAll("canvas")]
  const captions = [...root.querySelectorAll("figcaption")]
  const state = { data: null, theme: null, at: null }

  function show(data) {
    Object.assign(state, { data, theme: themeColours(root) })
    paint()
  }

  function paint() {
    const { kernel, digit, words } = state.data
    const edges = outlineEdges((row, column) => digit[row * SIDE + column] > 0.5, SIDE, SIDE)
    paintCells(0, words.weights, kernel, edges)
    paintCells(
      1,
      words.products,
      kernel.map((weight, i) => weight * digit[i]),
      edges,
    )
    readout.textContent = state.at ? said(state.at) : words.explore_weights
  }

  function paintCells(which, name, values, edges) {
    const { data, theme, at } = state
    const canvas = canvases[which]
    const context = canvas.getContext("2d")
    canvas.width = canvas.height = SIDE * ZOOM
    const most = Math.max(1e-12, ...values.map(Math.abs))
    values.forEach((value, i) => {
      context.globalAlpha = Math.abs(value) / most
      context.fillStyle = css(value < 0 ? theme.negative : theme.positive)
      context.fillRect(ZOOM * (i % SIDE), ZOOM * Math.floor(i / SIDE), ZOOM, ZOOM)
    })
    Object.assign(context, { globalAlpha: 1, strokeStyle: css(theme.ink), lineWidth: 1.5 })
    strokeEdges(context, edges, ZOOM)
    if (at) {
      context.lineWidth = 3
      context.strokeRect(ZOOM * at[1] - 1, ZOOM * at[0] - 1, ZOOM + 2, ZOOM + 2)
    }
    captions[which].replaceChildren()
    element("b", "", captions[which], name)
    const scale = element("i", "", captions[which])
    for (const sign of ["−", "+"]) element("span", "", scale, sign + number(most))
    canvas.setAttribute(
      "aria-label",
      `${name}. ${fill(data.words.scale, { most: number(most) })} ${data.words.explore_weights}`,
    )
  }

  function said([row, column]) {
    const { kernel, digit, words } = state.data
    const [weight, value] = [kernel, digit].map((values) => values[row * SIDE + column])
    const numbers = { value: number(value), weight: number(weight), product: number(weight * value) }
    return fill(words.cell, { row: row + 1, column: column + 1, ...numbers })
  }

  function point(at) {
    if (String(state.at) === String(at)) return
    state.at = at
    paint()
  }

  for (const canvas of canvases) exploreCells(canvas, { rows: SIDE, columns: SIDE, at: () => state.at, point })
  return { show }
}
