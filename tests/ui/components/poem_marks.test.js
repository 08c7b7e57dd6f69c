import assert from "node:assert/strict"
import { test } from "node:test"
import { drawMark, markAt, markSaid } from "../../../glassbox/ui/components/text_writer/poem_marks.js"

const POEM = {
  tones: ["level", "oblique", "either", "", "level", "oblique"],
  ruled: [1, 5],
  rhymed: [2],
  broken: [[1, 5]],
}
const WORDS = {
  level: "level tone",
  oblique: "oblique tone",
  either: "either tone",
  broken: "breaks it",
  rhymed: "rhymes",
}

test("a pair breaks the rule once both of it are shown", () => {
  assert.equal(markAt(POEM, 1, 5).broken, false)
  assert.equal(markAt(POEM, 1, 6).broken, true)
  assert.equal(markAt(POEM, 5, 6).broken, true)
  assert.equal(markAt(POEM, 4, 6).broken, false)
})

test("each tone has its sign, a line end has none", () => {
  assert.deepEqual(
    POEM.tones.map((_, place) => markAt(POEM, place, 6).glyph),
    ["○", "●", "◐", "", "○", "●"],
  )
  const bare = { tones: [], ruled: [], rhymed: [], broken: [] }
  assert.deepEqual(markAt(bare, 0, 1), { tone: "", glyph: "", ruled: false, rhymed: false, broken: false })
})

test("a mark is said in words", () => {
  assert.equal(markSaid(markAt(POEM, 1, 6), WORDS), "oblique tone, breaks it")
  assert.equal(markSaid(markAt(POEM, 2, 6), WORDS), "either tone, rhymes")
  assert.equal(markSaid(markAt(POEM, 3, 6), WORDS), "")
})

test("a mark is drawn and taken away again", () => {
  const classes = new Map()
  const sign = { dataset: {}, classList: { toggle: (name, on) => classes.set(name, on) } }
  drawMark(sign, markAt(POEM, 5, 6))
  assert.equal(sign.dataset.tone, "●")
  assert.deepEqual(Object.fromEntries(classes), { "gb-ruled": true, "gb-rhymed": false, "gb-broken": true })
  drawMark(sign, markAt(POEM, 5, 5))
  assert.equal(classes.get("gb-broken"), false)
})
