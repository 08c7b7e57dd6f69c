import assert from "node:assert/strict"
import { test } from "node:test"
import {
  answering,
  arcPath,
  arcs,
  arcWidth,
  curvePoints,
  question,
  spokenHeads,
} from "../../../glassbox/ui/components/sorting_board/layout.js"

const attention = [
  [
    [1, 0, 0, 0],
    [0.5, 0.5, 0, 0],
    [0.02, 0.9, 0.08, 0],
    [0.7, 0.2, 0.06, 0.04],
  ],
]
const data = {
  attention,
  read: ["b", "a", ">", "a"],
  answer: [{}, {}],
  words: { head: "Head {number}", cell: "{from} at {to} {share}" },
}

test("the tokens from the separator on have a letter to tell", () => {
  assert.deepEqual(answering(data), [2, 3])
})

test("arcs are of the tokens asked for, the weakest first, and none for next to nothing", () => {
  const found = arcs(attention, [2, 3])
  assert.deepEqual(
    found.map(({ i, j }) => [i, j]),
    [
      [3, 3],
      [3, 2],
      [2, 2],
      [3, 1],
      [3, 0],
      [2, 1],
    ],
  )
  assert.ok(found.every(({ share, head }) => share >= 0.04 && head === 0))
  assert.deepEqual(arcs([...attention, ...attention], [0]).length, 2)
})

test("an arc stands on the middles of its columns, within its box", () => {
  const box = { count: 4, heads: 1, width: 400, height: 100 }
  const path = arcPath({ head: 0, i: 3, j: 0 }, box)
  assert.match(path, /^M 350 100 C 350 [\d.]+, 50 [\d.]+, 50 100$/)
  const [rise] = path
    .match(/350 ([\d.]+),/)
    .slice(1)
    .map(Number)
  assert.ok(rise >= 0 && rise < 10)
  const [near] = arcPath({ head: 0, i: 1, j: 0 }, box)
    .match(/C 150 ([\d.]+),/)
    .slice(1)
    .map(Number)
  assert.ok(near > rise) // neighbours have a lower arc
  assert.match(arcPath({ head: 0, i: 1, j: 1 }, box), /^M 144 100 C/)
  const two = [0, 1].map((head) => arcPath({ head, i: 3, j: 0 }, { ...box, heads: 2 }))
  assert.ok(two[0].startsWith("M 346.5") && two[1].startsWith("M 353.5"))
})

test("an arc is as wide as its share", () => {
  assert.equal(arcWidth(0), 1)
  assert.equal(arcWidth(1) - arcWidth(0.5), arcWidth(0.5) - arcWidth(0))
})

test("what each token looks at most is said", () => {
  assert.equal(spokenHeads(data), "Head 1: > at a 90.0%, a at b 70.0%")
})

test("a curve goes from corner to corner", () => {
  const box = { last: 10, left: 0, right: 100, top: 20, foot: 120 }
  assert.equal(curvePoints([0, 5, 10], [2, 1, 0], { ...box, most: 2 }), "0.0,20.0 50.0,70.0 100.0,120.0")
  assert.equal(curvePoints([0], [2], { ...box, last: 0, most: 2 }), "0.0,20.0")
})

test("three letters are a question, whatever their case", () => {
  assert.equal(question(" CaB ", "abcdefgh"), "cab")
  for (const typed of ["", "ca", "cabs", "xyz", "a b", "1ab", "ｃab", "c>a"])
    assert.equal(question(typed, "abcdefgh"), null)
})
