import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import {
  clamp,
  duration,
  fill,
  lowered,
  measured,
  number,
  percent,
  raised,
  scientific,
  sentences,
  size,
  steadyNumber,
  tick,
  tickPercent,
} from "../../../glassbox/ui/components/_shared/numbers.js"

const CASES = JSON.parse(readFileSync(new URL("numbers.json", import.meta.url), "utf8"))
const WRITERS = { number, scientific, percent, duration, size }

for (const [name, cases] of Object.entries(CASES))
  test(`${name} writes what Python writes`, () => {
    for (const [value, text] of cases) assert.equal(WRITERS[name](value), text, `${name}(${value})`)
  })

test("a steady number keeps its zeros", () => {
  const cases = [
    [0, "0"],
    [0.5, "0.500"],
    [-1, "−1.00"],
    [30, "30.0"],
    [999.6, "1,000"],
    [1e-4, "1.00 × 10⁻⁴"],
    [2.125, "2.12"],
  ]
  for (const [value, text] of cases) assert.equal(steadyNumber(value), text)
})

test("a tick has no zeros before its power of ten", () => {
  const cases = [
    [1e5, "1 × 10⁵"],
    [1.2e-4, "1.2 × 10⁻⁴"],
    [1.23e6, "1.23 × 10⁶"],
    [200, "200"],
    [0.5, "0.5"],
  ]
  for (const [value, text] of cases) assert.equal(tick(value), text)
  assert.equal(tickPercent(1), "100%")
  assert.equal(tickPercent(0.125), "12.5%")
})

test("a measured share may be all or nothing", () => {
  assert.equal(measured(1), "100.0%")
  assert.equal(measured(0), "0.0%")
})

test("every number that has three digits is read back from its text", () => {
  for (let digits = 100; digits < 1000; digits += 7)
    for (let power = -3; power < 1; power++) {
      const value = Number(`${digits}e${power}`)
      if (value >= 0.001) assert.equal(Number(number(value)), value)
    }
})

test("powers are raised and indices lowered", () => {
  assert.equal(raised(-120), "⁻¹²⁰")
  assert.equal(lowered(104), "₁₀₄")
})

test("values are clamped between both ends", () => {
  assert.deepEqual(
    [-1, 0.5, 2].map((value) => clamp(value, 0, 1)),
    [0, 0.5, 1],
  )
})

test("names in braces are filled in, each where it stands", () => {
  assert.equal(fill("{a} of {b}, {a}", { a: 1, b: "{a}" }), "1 of {a}, 1")
})

test("sentences have a space between them where their script has one", () => {
  assert.equal(sentences("One.", "", "Two."), "One. Two.")
  assert.equal(sentences("一。", "二？", "Three."), "一。二？Three.")
  assert.equal(sentences("", "One."), "One.")
})
