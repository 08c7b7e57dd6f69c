// Where the steps of a training lie on its axis.
import assert from "node:assert/strict"
import { test } from "node:test"
import { placesOf } from "../../../glassbox/ui/components/head_film/chart.js"

test("steps lie on a logarithmic axis from 0 to 1", () => {
  assert.deepEqual(
    placesOf([10, 100, 1000]).map((place) => Number(place.toFixed(12))),
    [0, 0.5, 1],
  )
  assert.deepEqual(placesOf([7]), [0])
})
