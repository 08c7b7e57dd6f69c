import assert from "node:assert/strict"
import { test } from "node:test"
import {
  arrowStep,
  cellUnder,
  exploreCells,
  inside,
  outlineEdges,
  paintGrey,
  strokeEdges,
} from "../../../glassbox/ui/components/_shared/cells.js"

const box = { left: 100, top: 50, width: 200, height: 80 }

function fakeCanvas() {
  const attributes = {}
  return {
    attributes,
    setAttribute: (name, value) => {
      attributes[name] = value
    },
    getBoundingClientRect: () => box,
  }
}

const pointer = (canvas, clientX, clientY, pointerType = "mouse") => ({
  currentTarget: canvas,
  clientX,
  clientY,
  pointerType,
})

test("the cell under the pointer, also a little outside of the picture", () => {
  const canvas = fakeCanvas()
  const cells = [
    [100, 50],
    [299, 129],
    [199, 50],
    [200, 90],
    [90, 300],
  ].map(([x, y]) => cellUnder(pointer(canvas, x, y), 8, 10))
  assert.deepEqual(cells, [
    [0, 0],
    [7, 9],
    [0, 4],
    [4, 5],
    [7, 0],
  ])
})

test("a place is brought inside and to whole cells", () => {
  assert.deepEqual(inside([-0.5, 3.7], 4, 4), [0, 3])
  assert.deepEqual(inside([4, 2.5], 4, 4), [3, 2])
})

test("arrow keys are steps of a row or a column", () => {
  assert.deepEqual(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].map(arrowStep), [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ])
  assert.equal(arrowStep("a"), undefined)
})

test("pointer and keys go over the cells", () => {
  const canvas = fakeCanvas()
  const seen = []
  let at = null
  const point = (cell) => {
    at = cell
    seen.push(cell)
  }
  exploreCells(canvas, { rows: 8, columns: 10, at: () => at, point })
  let prevented = 0
  const press = (key) =>
    canvas.onkeydown({
      key,
      preventDefault: () => {
        prevented++
      },
    })
  canvas.onpointermove(pointer(canvas, 100, 50))
  canvas.onpointerleave(pointer(canvas, 0, 0, "touch")) // a finger that is lifted leaves its cell shown
  assert.deepEqual(at, [0, 0])
  canvas.onpointerleave(pointer(canvas, 0, 0))
  assert.equal(at, null)
  for (const key of ["ArrowDown", "ArrowRight", "Tab", "ArrowUp"]) press(key)
  canvas.onblur()
  assert.deepEqual(seen, [[0, 0], null, [5, 5], [5, 6], [4, 6], null])
  assert.equal(prevented, 3)
  assert.equal(canvas.tabIndex, 0)
  assert.deepEqual(canvas.attributes, { role: "img" })
})

test("the outline of one cell are its four edges", () => {
  const edges = outlineEdges((row, column) => row === 1 && column === 2, 3, 4)
  assert.deepEqual(new Set(edges.map(String)), new Set(["2,1,3,1", "2,2,3,2", "2,1,2,2", "3,1,3,2"]))
})

test("cells at the border have an outline, cells side by side none between them", () => {
  assert.equal(outlineEdges(() => true, 2, 3).length, 2 * (2 + 3))
  assert.equal(outlineEdges(() => false, 2, 3).length, 0)
})

test("edges are drawn in the size of the cells", () => {
  const calls = []
  const context = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...values) =>
          calls.push([name, ...values].join(" ")),
    },
  )
  strokeEdges(context, [[0, 1, 1, 1]], 10)
  assert.deepEqual(calls, ["beginPath", "moveTo 0 10", "lineTo 10 10", "stroke"])
})

test("grey values become opaque pixels, and one is marked", () => {
  let painted
  const context = {
    createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
    putImageData: (image) => {
      painted = image
    },
  }
  paintGrey({ width: 2, height: 1, getContext: () => context }, [7, 200], [0, 1])
  assert.deepEqual([...painted.data], [7, 7, 7, 255, 255, 140, 60, 255])
})
