import assert from "node:assert/strict"
import { test } from "node:test"
import {
  largestPart,
  largestProduct,
  outputCell,
  poolingWindow,
  windowValues,
  workOut,
} from "../../../glassbox/ui/components/convolution/arithmetic.js"
import { inkedPlaces, startBuilding } from "../../../glassbox/ui/components/convolution/building.js"
import {
  cellInMosaic,
  channelCorner,
  channelInStrip,
  mosaicLayout,
  stripLayout,
  tileCorner,
} from "../../../glassbox/ui/components/convolution/layout.js"

// One channel of 3 x 3 with the values 1 to 9, one 2 x 2 kernel, padding of 1 above and to the left.
const data = {
  input: { shape: [1, 3, 3] },
  output: { shape: [1, 3, 3] },
  kernels: { shape: [1, 1, 2, 2], first: 0 },
  strides: [1, 1],
  padding: [1, 1],
  dilations: [1, 1],
  relu: true,
  pooling: { max: true, window: [2, 2], strides: [2, 2] },
}
const state = {
  data,
  input: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
  kernels: Float64Array.of(1, -1, 0.5, 2),
  biases: Float64Array.of(-3),
  output: Float64Array.of(0, 1.5, 4, 0, 0, 0, 0, 0, 16.5),
}

test("a cell in the middle is the sum of its products and the bias", () => {
  const worked = workOut(state, [0, 2, 2]) // over 5 6 / 8 9
  assert.deepEqual(
    worked.terms.map(({ product }) => product),
    [5, -6, 4, 18],
  )
  assert.deepEqual([worked.sum, worked.bias, worked.before, worked.after], [21, -3, 18, 18])
  assert.deepEqual([worked.top, worked.left], [1, 1])
  assert.equal(worked.engine, 16.5)
  assert.equal(worked.agrees, false)
})

test("outside of the input there is nothing, and ReLU cuts below zero", () => {
  const worked = workOut(state, [0, 0, 0])
  assert.deepEqual(
    worked.terms.map(({ inside, value }) => [inside, value]),
    [
      [false, 0],
      [false, 0],
      [false, 0],
      [true, 1],
    ],
  )
  assert.deepEqual([worked.before, worked.after], [-1, 0])
  assert.equal(worked.agrees, true)
  assert.equal(workOut({ ...state, data: { ...data, relu: false } }, [0, 0, 0]).after, -1)
})

test("what float16 may have rounded agrees, more does not", () => {
  const engine = (value) => workOut({ ...state, output: Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, value) }, [0, 2, 2])
  assert.equal(engine(18.02).agrees, true)
  assert.equal(engine(18.1).agrees, false)
})

test("strides and dilations move and spread the window", () => {
  const spread = { ...data, strides: [2, 2], padding: [0, 0], dilations: [2, 2], output: { shape: [1, 1, 1] } }
  const worked = workOut({ ...state, data: spread, output: Float64Array.of(0) }, [0, 0, 0])
  assert.deepEqual(
    worked.terms.map(({ value }) => value),
    [1, 3, 7, 9],
  )
})

test("a map whose weights were not sent is not worked out", () => {
  const worked = workOut({ ...state, data: { ...data, kernels: { ...data.kernels, first: 4 } } }, [0, 1, 1])
  assert.deepEqual(worked, { known: false, engine: 0, top: 0, left: 0 })
})

test("channels add up to the sum, and the largest part is found by its size", () => {
  const two = { ...data, input: { shape: [2, 3, 3] }, kernels: { shape: [1, 2, 2, 2], first: 0 } }
  const input = Float64Array.from([...state.input, ...state.input])
  const kernels = Float64Array.from([...state.kernels, -1, -1, -1, -1])
  const worked = workOut({ ...state, data: two, input, kernels }, [0, 2, 2])
  assert.deepEqual([...worked.parts], [21, -28])
  assert.equal(worked.sum, -7)
  assert.equal(largestPart(worked.parts), 1)
  assert.equal(largestProduct(worked.terms), 18)
  assert.equal(largestProduct([]), 0)
})

test("the pooling window of a cell, where it lies whole on the map", () => {
  assert.deepEqual(poolingWindow(data, [0, 1, 0]), { row: 0, column: 0, height: 2, width: 2 })
  assert.equal(poolingWindow(data, [0, 2, 0]), null) // the last row is left over
  assert.equal(poolingWindow({ ...data, pooling: null }, [0, 0, 0]), null)
  assert.deepEqual(poolingWindow({ ...data, pooling: { max: false, window: null } }, [0, 2, 2]), {
    row: 0,
    column: 0,
    height: 3,
    width: 3,
  })
  const apart = { ...data, pooling: { max: true, window: [1, 1], strides: [2, 2] } }
  assert.equal(poolingWindow(apart, [0, 1, 1]), null) // between two windows
  assert.deepEqual(windowValues(state, 0, { row: 0, column: 1, height: 2, width: 2 }), [1.5, 4, 0, 0])
})

test("a pixel of the input is the middle of a cell's window", () => {
  const kernel3 = {
    ...data,
    kernels: { shape: [1, 1, 3, 3], first: 0 },
    padding: [1, 1],
    input: { shape: [1, 28, 28] },
  }
  assert.deepEqual(outputCell(kernel3, [0, 0.99]), [0, 27])
  assert.deepEqual(outputCell({ ...kernel3, padding: [0, 0] }, [0.5, 0.5]), [13, 13])
  assert.deepEqual(outputCell({ ...kernel3, padding: [0, 0], strides: [2, 2] }, [0.5, 0.5]), [7, 7])
})

const MANY = { input: { shape: [1, 28, 28] }, output: { shape: [32, 26, 26] } }

test("maps stand in rows of equal length where that is possible", () => {
  const layout = mosaicLayout(MANY, 1000)
  assert.equal(layout.across, 8)
  assert.equal(layout.rows, 4)
  assert.equal(mosaicLayout({ ...MANY, output: { shape: [7, 26, 26] } }, 530).across, 5)
})

test("each cell of each map is found at its place in the mosaic", () => {
  const layout = mosaicLayout(MANY, 1000)
  for (const map of [0, 7, 8, 31])
    for (const [row, column] of [
      [0, 0],
      [12, 25],
      [25, 13],
    ]) {
      const [x, y] = tileCorner(layout, map)
      const middle = [x + ((column + 0.5) * layout.side) / 26, y + layout.head + ((row + 0.5) * layout.side) / 26]
      assert.deepEqual(cellInMosaic(MANY, layout, middle, [3, 4]), [map, row, column])
      assert.deepEqual(cellInMosaic(MANY, layout, [x + 1, y + 1], [3, 4]), [map, 3, 4])
    }
})

test("each channel is found at its picture", () => {
  const channels = { input: { shape: [96, 13, 13] } }
  const layout = stripLayout(channels, 700)
  assert.equal(layout.across, 11)
  assert.equal(layout.height, 9 * 62)
  for (const channel of [0, 10, 11, 95]) {
    const [x, y] = channelCorner(layout, channel)
    assert.equal(channelInStrip(channels, layout, [x + 18, y + 18]), channel)
  }
  assert.equal(channelInStrip(channels, layout, [699, 9 * 62 - 1]), 95) // where no picture is, the last one
})

test("on a phone the maps are two rows that scroll sideways", () => {
  const layout = mosaicLayout(MANY, 360)
  assert.equal(layout.rows, 2)
  assert.ok(layout.width > 360 && layout.height < 200)
  const [x, y] = tileCorner(layout, MANY.output.shape[0] - 1)
  assert.deepEqual(cellInMosaic(MANY, layout, [x + 1, y + layout.head + 1], [5, 5]), [MANY.output.shape[0] - 1, 0, 0])
})

test("a map is built of the windows that have ink, each once", () => {
  const input = new Float64Array(25)
  input[2 * 5 + 4] = 1 // one dot of ink at row 2, column 4 of 5 x 5
  const data = {
    input: { shape: [1, 5, 5] },
    kernels: { shape: [1, 1, 3, 3] },
    output: { shape: [1, 3, 3] },
    strides: [1, 1],
    padding: [0, 0],
    dilations: [1, 1],
  }
  const places = inkedPlaces({ data, input })
  assert.deepEqual(places, [2, 5, 8]) // the windows of the last column
  const building = startBuilding(places)
  assert.ok(building.hides(2) && !building.hides(0))
  assert.deepEqual([building.next(), building.next(), building.next(), building.next()], [2, 5, 8, null])
  assert.ok(!places.some(building.hides))
})
