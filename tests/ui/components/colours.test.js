import assert from "node:assert/strict"
import { test } from "node:test"
import { css, diverging, isDark, mix } from "../../../glassbox/ui/components/_shared/colours.js"

const THEME = { paper: [255, 255, 255], ink: [0, 0, 0], negative: [0, 0, 255], positive: [255, 128, 0] }

test("a mixture lies between its ends, and never beyond them", () => {
  const shares = [-1, 0, 0.5, 1, 7]
  const mixed = shares.map((share) => mix([0, 100, 200], [100, 0, 200], share))
  assert.deepEqual(mixed, [
    [0, 100, 200],
    [0, 100, 200],
    [50, 50, 200],
    [100, 0, 200],
    [100, 0, 200],
  ])
})

test("on the diverging palette zero is paper and the sign chooses the end", () => {
  assert.deepEqual(
    [0, -1, 1, -0.5].map((share) => diverging(THEME, share)),
    [THEME.paper, THEME.negative, THEME.positive, [128, 128, 255]],
  )
})

test("a colour is written for CSS", () => {
  assert.equal(css([1, 20, 255]), "rgb(1 20 255)")
})

test("a theme is dark whose paper is darker than its ink", () => {
  assert.equal(isDark(THEME), false)
  assert.equal(isDark({ paper: [20, 23, 28], ink: [231, 234, 238] }), true)
})
