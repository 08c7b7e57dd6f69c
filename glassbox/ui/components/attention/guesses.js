// What would come next: bars of the model's own answer, and what it would have answered behind each layer.
import { element } from "../_shared/dom.js"
import { fill, percent } from "../_shared/numbers.js"

const CONTEXT = { true: 18, false: 6 } // characters shown of what stands before, by whether words are spaced

export function createGuesses(section, ask) {
  const [title, list, hint] = ["h2", "ol", ".hint"].map((name) => section.querySelector(name))

  function draw(data, at) {
    const { words, signs, behind, changed, spaced } = data
    const { bars, token, follows } = behind[at]
    title.textContent = fill(words.next, { before: written(signs, at, CONTEXT[spaced]) })
    list.replaceChildren(
      ...bars.map(([sign, share, before]) => {
        const line = element("li")
        const button = element("button", "", line)
        Object.assign(button, { type: "button", onclick: () => ask({ kind: "explain", token: sign }) })
        button.setAttribute("aria-pressed", String(sign === token))
        element("b", lengthClass(sign), button, sign)
        const bar = element("i", "", button)
        bar.style.setProperty("--share", share)
        if (changed) bar.style.setProperty("--before", before)
        element("em", "", button, percent(share))
        return line
      }),
    )
    const told = changed ? [changed, words.next_patched] : [words.choose]
    if (follows !== null) told.unshift(fill(words.written, { sign: signs[at + 1][0], share: percent(follows) }))
    hint.textContent = told.join(words.gap)
  }
  return { draw }
}

// A class for a token that is shown by a word, such as what a poem is asked for by.
const lengthClass = (sign) => ([...sign].length > 1 ? "long" : "")

// The last `count` characters before the next token.
export const written = (signs, at, count) =>
  signs
    .slice(0, at + 1)
    .filter(([, kind]) => kind !== "asked")
    .map(([text, kind]) => (kind === "space" ? " " : text))
    .slice(-count)
    .join("")

export function createLens(section) {
  const [title, control, note, table] = ["h2", ".switch", ".note", "table"].map((name) => section.querySelector(name))
  const state = { normed: true, redraw: () => {} }

  function draw(data, at) {
    state.redraw = () => draw(data, at)
    const { words, behind } = data
    const here = behind[at]
    title.textContent = words.lens
    control.replaceChildren(...[true, false].map((normed) => createOption(words, normed)))
    note.textContent = state.normed ? words.lens_help : words.raw_note
    const rows = state.normed ? here.normed : here.raw
    table.replaceChildren()
    const body = element("tbody", "", table)
    rows.forEach((row, layer) => {
      const line = element("tr", "", body)
      const name = layer ? fill(words.layer, { layer }) : words.embedding
      element("th", "", line, name).scope = "row"
      for (const [sign, share] of row) {
        const cell = element("td", sign === here.token ? "explained" : "", line)
        cell.style.setProperty("--share", share)
        element("b", lengthClass(sign), cell, sign)
        element("span", "", cell, percent(share))
      }
    })
  }

  function createOption(words, normed) {
    const button = element("button", "", null, normed ? words.with_norm : words.without_norm)
    button.type = "button"
    button.setAttribute("aria-pressed", String(state.normed === normed))
    button.onclick = () => {
      state.normed = normed
      state.redraw()
      control.children[normed ? 0 : 1].focus()
    }
    return button
  }
  return { draw }
}
