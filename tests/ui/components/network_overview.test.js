import assert from "node:assert/strict"
import { test } from "node:test"
import { partAt } from "../../../glassbox/ui/components/network_overview/parts.js"

const MAPS = { parts: 30, across: 8 } // three full rows and one of six

test("a click finds the map that it is on", () => {
  assert.equal(partAt([0.01, 0.01], MAPS), 0)
  assert.equal(partAt([0.99, 0.01], MAPS), 7)
  assert.equal(partAt([0.01, 0.3], MAPS), 8)
  assert.equal(partAt([0.99, 0.99], MAPS), 29) // where there is no map, the last one
  assert.equal(partAt([1.2, -0.3], MAPS), 7)
})
