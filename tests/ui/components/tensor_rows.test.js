import assert from "node:assert/strict"
import { test } from "node:test"
import { matching, scaled } from "../../../glassbox/ui/components/tensor_rows/rows.js"

const ROWS = [
  { name: "conv1/sum", about: "Conv · 1 × 8 × 4 × 4", note: "" },
  { name: "conv1", about: "Relu · 1 × 8 × 4 × 4", note: "3 of 8 units are 0 everywhere" },
  { name: "logits", about: "Gemm · 1 × 10", note: "" },
]

test("rows are found by all words, wherever these stand", () => {
  assert.deepEqual(matching(ROWS, ""), [0, 1, 2])
  assert.deepEqual(matching(ROWS, " CONV relu"), [1])
  assert.deepEqual(matching(ROWS, "units"), [1])
  assert.deepEqual(matching(ROWS, "gemm conv"), [])
})

test("heights are shares of the most, and what is there can be seen", () => {
  assert.deepEqual(scaled([0, 1, 1000, 500]), [0, 0.03, 1, 0.5])
  assert.deepEqual(scaled([0, 0]), [0, 0])
})
