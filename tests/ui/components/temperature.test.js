import assert from "node:assert/strict"
import { test } from "node:test"
import { chosenAt, sharesAt } from "../../../glassbox/ui/components/temperature/shares.js"

test("the shares are the softmax of the divided scores, whatever their size", () => {
  const shares = sharesAt([0, Math.log(3)], 0.5)
  assert.ok(Math.abs(shares[1] - 0.9) < 1e-12)
  assert.deepEqual(sharesAt([1e5, 0], 0.1), [1, 0])
})

test("a large temperature makes all shares alike, and keeps their order", () => {
  const [low, high] = sharesAt([1, 2], 3)
  assert.ok(low < high && high < sharesAt([1, 2], 1)[1])
})

test("the place next to the network's own temperature stands for it exactly", () => {
  assert.equal(chosenAt(0.1, 0.1008, 0.01), null)
  assert.equal(chosenAt(0.11, 0.1008, 0.01), 0.11)
})
