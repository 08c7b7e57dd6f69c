import assert from "node:assert/strict"
import { test } from "node:test"
import {
  beginStroke,
  extendStroke,
  MAX_POINTS,
  MAX_STROKES,
  onSheet,
} from "../../../glassbox/ui/components/canvas/strokes.js"
import {
  axisEnds,
  axisScale,
  axisTicks,
  openEnds,
  powers,
  rounds,
  tickText,
} from "../../../glassbox/ui/components/curves/axis.js"
import {
  barLine,
  edgeOf,
  landscape,
  outputEdge,
  pixelAt,
  portrait,
} from "../../../glassbox/ui/components/mlp_diagram/layout.js"
import { largestLabels } from "../../../glassbox/ui/components/passage/layout.js"

test("strokes stay on the sheet, in thousandths", () => {
  assert.deepEqual(onSheet([-0.2, 1.5]), [0, 1])
  assert.deepEqual(onSheet([0.12345, 0.9996]), [0.123, 1])
})

test("a stroke begins with a point and takes those that are far enough from the last one", () => {
  const strokes = []
  const stroke = beginStroke(strokes, [0.5, 0.5])
  assert.equal(extendStroke(strokes, stroke, [0.503, 0.5]), false)
  assert.equal(extendStroke(strokes, stroke, [0.51, 0.5]), true)
  assert.deepEqual(strokes, [
    [
      [0.5, 0.5],
      [0.51, 0.5],
    ],
  ])
})

test("there are no more strokes and points than the server takes", () => {
  const strokes = []
  for (let i = 0; i < MAX_STROKES; i++) assert.ok(beginStroke(strokes, [0, 0]))
  assert.equal(beginStroke(strokes, [0, 0]), null)
  assert.equal(strokes.length, MAX_STROKES)
  const stroke = strokes[0]
  let added = 0
  for (let i = 0; i < MAX_POINTS + 10; i++) added += extendStroke(strokes, stroke, [i % 2, 0.5])
  assert.equal(added, MAX_POINTS - MAX_STROKES)
})

test("ticks are round numbers that reach over both ends", () => {
  assert.deepEqual(rounds(0, 1, 5), [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
  assert.deepEqual(rounds(3, 47, 5), [0, 10, 20, 30, 40, 50])
  assert.deepEqual(rounds(-1, 1, 4), [-1, -0.5, 0, 0.5, 1])
  for (const [low, high] of [
    [0.013, 0.029],
    [5, 6],
    [-1000, 1],
  ]) {
    const found = rounds(low, high, 5)
    assert.ok(found[0] <= low && found.at(-1) >= high && found.length <= 8)
  }
})

test("logarithmic ticks are powers of ten, and 2 and 5 times them where there are few", () => {
  assert.deepEqual(powers(1, 100), [1, 2, 5, 10, 20, 50, 100])
  assert.deepEqual(powers(3, 40), [2, 5, 10, 20, 50])
  assert.deepEqual(powers(1e-3, 1e3), [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3])
  assert.ok(powers(1e-12, 1e12).length <= 8)
  assert.deepEqual(axisTicks({ kind: "log" }, [1, 100], 5), powers(1, 100))
  assert.deepEqual(axisTicks({ kind: "real" }, [0, 1], 5), rounds(0, 1, 5))
})

test("an axis ends where it is told to, else with its data", () => {
  const axis = { kind: "number", low: null, high: 9 }
  assert.deepEqual(axisEnds(axis, [3, null, NaN, 4]), [3, 9])
  assert.deepEqual(axisEnds({ kind: "log", low: null, high: null }, [0, -1, 0.1, 5]), [0.1, 5])
})

test("one value alone still spans an axis", () => {
  const free = { low: null, high: null }
  assert.deepEqual(openEnds({ ...free, kind: "real" }, [4]), [0, 5])
  assert.deepEqual(openEnds({ ...free, kind: "real" }, [-4]), [-4, -3])
  assert.deepEqual(openEnds({ ...free, kind: "log" }, [4]), [2, 8])
  assert.deepEqual(openEnds({ ...free, kind: "log" }, [1, 4]), [1, 4])
})

test("values lie between the ends of their axis", () => {
  const linear = axisScale({ kind: "real" }, [0, 10], 100, 0)
  assert.deepEqual([0, 5, 10].map(linear), [100, 50, 0])
  const logarithmic = axisScale({ kind: "log" }, [1, 100], 0, 100)
  assert.deepEqual(
    [1, 10, 100].map((value) => Math.round(logarithmic(value))),
    [0, 50, 100],
  )
  assert.equal(axisScale({ kind: "real" }, [3, 3], 10, 20)(3), 10)
})

test("ticks of shares are in per cent", () => {
  assert.equal(tickText({ kind: "share" }, 0.5), "50%")
  assert.equal(tickText({ kind: "real" }, -0.5), "−0.5")
})

test("bars are those of the largest labels, in the order of the labels", () => {
  assert.deepEqual(largestLabels([0.1, 0.4, 0.2, 0.3], 2), [1, 3])
  assert.deepEqual(largestLabels([0.5, 0.5], 8), [0, 1])
})

for (const [name, layOut] of Object.entries({ landscape, portrait }))
  for (const units of [32, 128])
    test(`${name} of ${units} neurons keeps everything on the drawing, and apart`, () => {
      const layout = layOut(units, 28)
      const neurons = Array.from({ length: units }, (_, j) => layout.neuron(j))
      const outputs = Array.from({ length: 10 }, (_, k) => layout.output(k))
      const pixels = [pixelAt(layout, 0, 28), pixelAt(layout, 783, 28)]
      for (const [x, y] of [...neurons, ...outputs, ...pixels]) {
        assert.ok(x >= 0 && x <= layout.width && y >= 0 && y <= layout.height)
      }
      for (let j = 1; j < units; j++) {
        const [[x, y], [u, v]] = [neurons[j - 1], neurons[j]]
        assert.ok(Math.hypot(x - u, y - v) >= 2 * layout.radius)
      }
      const along = layout.bar.down ? 1 : 0
      assert.ok(edgeOf(layout, 0, -1)[along] < neurons[0][along] && edgeOf(layout, 0, 1)[along] > neurons[0][along])
      assert.ok(outputEdge(layout, 0)[along] < outputs[0][along])
      const [none, all] = [0, 1].map((share) => barLine(layout, share))
      assert.equal(
        all[`${"xy"[along]}1`] - none[`${"xy"[along]}1`],
        layout.bar.down ? layout.bar.height : layout.bar.width,
      )
    })
