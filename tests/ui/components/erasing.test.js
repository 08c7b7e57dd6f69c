import assert from "node:assert/strict"
import { test } from "node:test"
import { changedCount, changedPicture, placeAt } from "../../../glassbox/ui/components/erasing/erase.js"

test("as many pixels are changed as the curve was measured with", () => {
  assert.deepEqual(
    [0, 1, 48, 49].map((at) => changedCount(at, 49, 784)),
    [0, 16, 768, 784],
  )
  assert.equal(changedCount(1, 4, 10), 2) // 2.5: halves go to the even number
  assert.equal(changedCount(3, 4, 10), 8)
})

test("pixels go to the baseline in their order, or come from the picture", () => {
  const pixels = { picture: [1, 2, 3], start: [7, 8, 9], order: [2, 0, 1] }
  assert.deepEqual(changedPicture(pixels, 2, true), [7, 2, 9])
  assert.deepEqual(changedPicture(pixels, 2, false), [1, 8, 3])
})

test("a place beside the curve is its end", () => {
  assert.deepEqual(
    [0, 44, 94, 999].map((x) => placeAt(x, 44, 144, 50)),
    [0, 0, 25, 50],
  )
})
