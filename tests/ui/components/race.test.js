import assert from "node:assert/strict"
import { test } from "node:test"

import { contenders, leaders, turns } from "../../../glassbox/ui/components/time_film/race.js"

test("the most probable label leads after each row", () => {
  assert.deepEqual(leaders([0.1, 0.9, 0, 0.6, 0.3, 0.1, 0.2, 0.2, 0.6], 3), [1, 0, 2])
})

test("a turn is where another label takes the lead", () => {
  assert.deepEqual(turns([1, 1, 7, 7, 1]), [2, 4])
  assert.deepEqual(turns([3, 3, 3]), [])
})

test("the label of the end is drawn however late it came, then those that led for longest", () => {
  assert.deepEqual(contenders([5, 5, 5, 2, 2, 8, 3, 1, 9]), [9, 5, 2, 8, 3])
  assert.deepEqual(contenders([4, 4]), [4])
})
