import assert from "node:assert/strict"
import { test } from "node:test"
import { written } from "../../../glassbox/ui/components/attention/guesses.js"
import { points } from "../../../glassbox/ui/components/attention/heads.js"
import {
  arcPath,
  keyTarget,
  linesOf,
  partsOf,
  triangleRow,
  triangleSize,
  wordsOf,
} from "../../../glassbox/ui/components/attention/layout.js"

const SIGNS = [
  ["five", "asked"],
  ["Tang", "asked"],
  ["床", "sign"],
  ["前", "sign"],
  ["⏎", "end"],
  ["疑", "unknown"],
]

test("a row of a triangle holds what its position may look at", () => {
  const steps = 4
  const values = Float32Array.from({ length: 3 * triangleSize(steps) }, (_, i) => i)
  const rows = [0, 1, 2].map((which) => [0, 1, 2, 3].map((t) => [...triangleRow(values, which, steps, t)]))
  assert.deepEqual(rows[0], [[0], [1, 2], [3, 4, 5], [6, 7, 8, 9]])
  assert.deepEqual(rows.flat(2), [...values])
})

test("what is asked for stands in a line of its own, and each line ends with its end", () => {
  assert.deepEqual(linesOf(SIGNS), [[0, 1], [2, 3, 4], [5]])
  assert.deepEqual(linesOf(SIGNS.slice(0, 2)), [[0, 1]])
})

test("keys lead along the text and to the line above and below, and nowhere beyond", () => {
  const lines = linesOf(SIGNS)
  const targets = (key) => SIGNS.map((_, at) => keyTarget(key, at, lines))
  assert.deepEqual(targets("ArrowLeft"), [0, 0, 1, 2, 3, 4])
  assert.deepEqual(targets("ArrowRight"), [1, 2, 3, 4, 5, 5])
  assert.deepEqual(targets("ArrowUp"), [0, 1, 0, 1, 1, 2])
  assert.deepEqual(targets("ArrowDown"), [2, 3, 5, 5, 5, 5])
  assert.deepEqual(
    [keyTarget("Home", 3, lines), keyTarget("End", 3, lines), keyTarget("a", 3, lines)],
    [0, 5, undefined],
  )
})

test("an arc begins in the middle of one cell and ends in the middle of the other", () => {
  const cell = (x, y) => ({ x, y, width: 10, height: 10 })
  const ends = (path) => {
    const numbers = path.match(/-?[\d.]+/g).map(Number)
    return [numbers[0], numbers.at(-2)]
  }
  for (const to of [cell(40, 0), cell(40, 50), cell(0, 50)])
    assert.deepEqual(ends(arcPath(cell(0, 0), to)), [5, to.x + 5])
})

test("the parts of a score are all there, the heaviest first, and their pieces with the rest are their amounts", () => {
  const steps = SIGNS.length
  const added = Float32Array.from({ length: 4 * triangleSize(steps) }, (_, i) => Math.sin(i * i))
  const behind = SIGNS.map(() => ({
    embedding: 0.25,
    place: -0.5,
    rest: 0,
    neurons: [3, -4],
    largest: [
      [
        [7, 2],
        [1, -0.5],
      ],
      [[0, -3]],
    ],
  }))
  const data = { layers: 2, heads: 2, signs: SIGNS, behind }
  for (let at = 0; at < steps; at++) {
    const parts = partsOf(data, added, at)
    assert.deepEqual(parts.map(({ kind }) => kind).sort(), [
      "head",
      "head",
      "head",
      "head",
      "neurons",
      "neurons",
      "place",
      "token",
    ])
    const sizes = parts.map(({ amount }) => Math.abs(amount))
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => b - a),
    )
    const heads = parts.filter(({ kind }) => kind === "head")
    let all = 0
    for (let which = 0; which < 4; which++) for (const value of triangleRow(added, which, steps, at)) all += value
    assert.ok(Math.abs(heads.reduce((sum, { amount }) => sum + amount, 0) - all) < 1e-6)
    for (const { amount, pieces, rest } of parts.filter(({ pieces }) => pieces.length))
      assert.ok(Math.abs(pieces.reduce((sum, piece) => sum + piece.amount, rest) - amount) < 1e-9)
  }
  behind[0].rest = 9
  assert.equal(partsOf(data, added, 0)[0].kind, "rest")
})

test("a change is in percentage points with its sign", () => {
  assert.deepEqual([0.013, -0.002, 0.0001, -0.0004].map(points), ["+1.3", "−0.2", "0.0", "0.0"])
})

test("what stands before the next token is told without what was asked for", () => {
  assert.equal(written(SIGNS, 3, 6), "床前")
  assert.equal(written(SIGNS, 1, 6), "")
  const spaced = [..."to be or"].map((sign) => (sign === " " ? ["␣", "space"] : [sign, "sign"]))
  assert.equal(written(spaced, 7, 5), "be or")
})

test("words with spaces between them are kept whole, each with its space", () => {
  const signs = [..."to be or"].map((sign) => (sign === " " ? ["␣", "space"] : [sign, "sign"]))
  const line = [...signs.keys()]
  assert.deepEqual(wordsOf(line, { signs, spaced: true }), [
    [0, 1, 2],
    [3, 4, 5],
    [6, 7],
  ])
  assert.deepEqual(wordsOf(line, { signs, spaced: false }), [line])
})
