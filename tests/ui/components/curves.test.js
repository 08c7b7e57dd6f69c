import assert from "node:assert/strict"
import { test } from "node:test"
import { axisTicks, tickText, valueText } from "../../../glassbox/ui/components/curves/axis.js"

const share = { kind: "share" }

test("a probability read off a curve is written as on the first screen, and claims no certainty", () => {
  assert.equal(valueText(share, 0.98), "98.0%")
  assert.equal(valueText(share, 1), ">\u00a099.9%")
  assert.equal(valueText(share, 0), "<\u00a00.1%")
  assert.equal(valueText({ kind: "log" }, 0.5), "0.5")
})

test("a tick of the axis stays short", () => {
  assert.equal(tickText(share, 1), "100%")
})

test("a histogram's axis is marked at its ends, and at 0 where there is room", () => {
  const across = { kind: "ends" }
  assert.deepEqual(axisTicks(across, [-4.43, 1.52], 5), [-4.43, 0, 1.52])
  assert.deepEqual(axisTicks(across, [-0.01, 1.52], 5), [-0.01, 1.52])
  assert.deepEqual(axisTicks(across, [2, 3], 5), [2, 3])
})
