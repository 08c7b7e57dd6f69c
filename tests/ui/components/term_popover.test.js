import assert from "node:assert/strict"
import { test } from "node:test"
import { placeBeside } from "../../../glassbox/ui/components/term_popover/place.js"

const VIEW = { width: 390, height: 800 }
const BOX = { width: 366, height: 200 }

test("the box stands below the word, and within the window", () => {
  assert.deepEqual(placeBeside({ left: 10, top: 100, bottom: 120 }, BOX, VIEW), { left: 10, top: 126 })
  assert.equal(placeBeside({ left: 300, top: 100, bottom: 120 }, BOX, VIEW).left, 390 - 366 - 6)
  assert.equal(placeBeside({ left: -20, top: 100, bottom: 120 }, BOX, VIEW).left, 6)
})

test("the box stands above the word where there is no room below", () => {
  assert.equal(placeBeside({ left: 10, top: 700, bottom: 720 }, BOX, VIEW).top, 700 - 6 - 200)
})

test("the box stands below where there is no room on either side", () => {
  const low = { width: 390, height: 240 }
  assert.equal(placeBeside({ left: 10, top: 150, bottom: 170 }, BOX, low).top, 176)
})
