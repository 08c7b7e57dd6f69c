// All heads as small pictures: a row of cells a position that reads, a column a position that is read.
import { css, mix } from "../_shared/colours.js"
import { element } from "../_shared/dom.js"
import { fill, percent, tickPercent } from "../_shared/numbers.js"
import { triangleRow } from "./layout.js"

const CELL = 2 // pixels of the canvas a cell; the style sheet enlarges it

// `choose` gets the head that is clicked, counted through all layers.
export function createHeads(root, choose) {
  const state = { buttons: [] }

  function build(data, attention, theme) {
    const { layers, heads, words, signs } = data
    root.style.setProperty("--heads", heads)
    state.buttons = Array.from({ length: layers * heads }, (_, which) => {
      const button = element("button")
      button.type = "button"
      button.onclick = () => choose(which)
      paint(element("canvas", "", button), triangles(attention, which, signs.length), theme)
      element("b", "", button, fill(words.head_short, names(which, heads)))
      const looks = element("span", "looks", button)
      const matters = element("span", "matters", button)
      element("u", "", button, words.off)
      return { button, looks, matters }
    })
    root.replaceChildren(...state.buttons.map(({ button }) => button))
  }

  // Mark what is chosen, what is off, and how much each head looks and matters at the position `at`.
  function draw(data, attention, effects, at, chosen) {
    const { heads, signs, words, off, behind } = data
    const { plain, token } = behind[at]
    state.buttons.forEach(({ button, looks, matters }, which) => {
      const row = triangleRow(attention, which, signs.length, at)
      const most = row.indexOf(Math.max(...row))
      const there = { sign: signs[most][0], share: tickPercent(Math.round(100 * row[most]) / 100) }
      button.setAttribute("aria-pressed", String(which === chosen))
      button.classList.toggle("off", isOff(off, which, heads))
      looks.textContent = fill(words.looks_short, there)
      looks.style.setProperty("--share", row[most])
      const without = effects[which * signs.length + at]
      matters.textContent = fill(words.matters_short, { change: points(without - plain) })
      matters.style.setProperty("--share", Math.min(Math.abs(without - plain) / Math.max(plain, 1 - plain), 1))
      matters.classList.toggle("more", without > plain)
      const change = { token, before: percent(plain), after: percent(without) }
      const spoken = [fill(words.head, names(which, heads)), fill(words.looks, there), fill(words.matters, change)]
      button.title = spoken.join(words.gap)
      button.setAttribute("aria-label", button.title)
    })
  }
  return { build, draw }
}

// The layer and the head, from 1, of a head that is counted through all layers.
export const names = (which, heads) => ({ layer: Math.floor(which / heads) + 1, head: (which % heads) + 1 })

export const isOff = (off, which, heads) => off.some(([layer, head]) => layer * heads + head === which)

// A change of a share in percentage points: "+1.3", "−0.2".
export function points(change) {
  const text = Math.abs(100 * change).toFixed(1)
  return Number(text) ? `${change < 0 ? "−" : "+"}${text}` : text
}

const triangles = (attention, which, steps) =>
  Array.from({ length: steps }, (_, reading) => triangleRow(attention, which, steps, reading))

function paint(canvas, rows, theme) {
  canvas.width = canvas.height = rows.length * CELL
  const context = canvas.getContext("2d")
  context.fillStyle = css(mix(theme.paper, theme.ink, 0.14)) // what the mask hides
  context.fillRect(0, 0, canvas.width, canvas.height)
  rows.forEach((row, reading) => {
    row.forEach((share, source) => {
      context.fillStyle = css(mix(theme.paper, theme.colour, Math.sqrt(share)))
      context.fillRect(source * CELL, reading * CELL, CELL, CELL)
    })
  })
}
