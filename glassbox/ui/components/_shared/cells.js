// Pictures made of cells: the cell under a pointer, the arrow keys, the outline of a digit. A place is [row, column].
import { clamp } from "./numbers.js"

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

// The step of an arrow key as [rows, columns]; undefined for any other key.
export const arrowStep = (key) => STEPS[key]

// The cell of a picture of rows x columns under the pointer.
export function cellUnder(event, rows, columns) {
  const box = event.currentTarget.getBoundingClientRect()
  return inside(
    [((event.clientY - box.top) / box.height) * rows, ((event.clientX - box.left) / box.width) * columns],
    rows,
    columns,
  )
}

export const inside = ([row, column], rows, columns) => [
  clamp(Math.floor(row), 0, rows - 1),
  clamp(Math.floor(column), 0, columns - 1),
]

// Call `point` with the cell of `canvas` that the pointer or the arrow keys go to, and with null when they leave.
// `at()` is the cell pointed at now, or null; the arrow keys then start from the middle.
export function exploreCells(canvas, { rows, columns, at, point }) {
  canvas.tabIndex = 0
  canvas.setAttribute("role", "img")
  canvas.onpointermove = canvas.onpointerdown = (event) => point(cellUnder(event, rows, columns))
  canvas.onpointerleave = (event) => event.pointerType === "mouse" && point(null)
  canvas.onblur = () => point(null)
  canvas.onkeydown = (event) => {
    const step = arrowStep(event.key)
    if (!step) return
    event.preventDefault()
    const [row, column] = at() ?? [rows / 2, columns / 2]
    point(inside([row + step[0], column + step[1]], rows, columns))
  }
}

// The edges between the cells that `inked(row, column)` and those that are not, as [x, y, x, y] in cells.
export function outlineEdges(inked, rows, columns) {
  const ink = (row, column) => row >= 0 && column >= 0 && row < rows && column < columns && inked(row, column)
  const edges = []
  for (let row = 0; row <= rows; row++)
    for (let column = 0; column <= columns; column++) {
      if (ink(row, column) !== ink(row - 1, column)) edges.push([column, row, column + 1, row])
      if (ink(row, column) !== ink(row, column - 1)) edges.push([column, row, column, row + 1])
    }
  return edges
}

// Draw such edges on a canvas whose cells are `cell` pixels wide and high.
export function strokeEdges(context, edges, cell) {
  context.beginPath()
  for (const [x0, y0, x1, y1] of edges) {
    context.moveTo(x0 * cell, y0 * cell)
    context.lineTo(x1 * cell, y1 * cell)
  }
  context.stroke()
}

// Paint grey values from 0 to 255, row by row, on a canvas of one pixel a cell; the cell `marked` in orange.
export function paintGrey(canvas, values, marked = null) {
  const context = canvas.getContext("2d")
  const image = context.createImageData(canvas.width, canvas.height)
  values.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i))
  if (marked) image.data.set([255, 140, 60, 255], 4 * (marked[0] * canvas.width + marked[1]))
  context.putImageData(image, 0, 0)
}
