import assert from "node:assert/strict"
import { test } from "node:test"
import { css, diverging, isDark, mix, rgb, themeColours } from "../../../glassbox/ui/components/_shared/colours.js"

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

// A canvas that knows hexadecimal colours, and keeps the one before for all others, as a real one does.
const context = {
  colour: [0, 0, 0],
  set fillStyle(text) {
    if (/^#\w{6}$/.test(text)) this.colour = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16))
  },
  fillRect: () => {},
  getImageData: () => ({ data: Uint8ClampedArray.from([...context.colour, 255]) }),
}
const VARIABLES = {
  "--st-background-color": " #ffffff",
  "--st-text-color": "#1b222c",
  "--gb-negative": "#2B7BD6",
  "--gb-positive": "#D0660F",
}
globalThis.document = { createElement: () => ({ getContext: () => context }) }
globalThis.CSS = { supports: (property, value) => property === "color" && /^#\w{6}$/.test(value) }
globalThis.getComputedStyle = (variables) => ({ getPropertyValue: (name) => variables[name] ?? "" })

test("the theme's colours are read from the variables of its style", () => {
  assert.deepEqual(themeColours(VARIABLES), {
    paper: [255, 255, 255],
    ink: [27, 34, 44],
    negative: [43, 123, 214],
    positive: [208, 102, 15],
  })
})

test("a variable that is not there is an error, and not the colour before it", () => {
  const { "--gb-negative": _, ...rest } = VARIABLES
  assert.throws(() => themeColours(rest), /--gb-negative is ""/)
  assert.throws(() => rgb("no colour"), /no colour/)
})
