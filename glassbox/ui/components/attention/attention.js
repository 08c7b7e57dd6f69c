// A text as a transformer reads it. One pointer moves all: the arcs of a head, the heads, what would come next, the sum.
import { float16Array } from "../_shared/arrays.js"
import { rgb, themeColours } from "../_shared/colours.js"
import { element, remembered } from "../_shared/dom.js"
import { fill, percent } from "../_shared/numbers.js"
import { createGuesses, createLens } from "./guesses.js"
import { createHeads, isOff, names } from "./heads.js"
import { triangleRow } from "./layout.js"
import { createPoem, readingWords } from "./poem.js"
import { createScore } from "./score.js"

export default function ({ data, parentElement, setTriggerValue }) {
  const board = remembered(parentElement.querySelector(".look"), createBoard)
  board.send = (asked) => setTriggerValue("asked", asked)
  board.show(data)
}

function createBoard(root) {
  const find = (name) => root.querySelector(name)
  const board = { show, send: null }
  // `at`: the position pointed at, `held` the one that stays; `which`: the head, counted through all layers.
  const state = {
    data: null,
    text: "",
    attention: null,
    added: null,
    effects: null,
    theme: "",
    at: 0,
    held: 0,
    which: 0,
  }
  const [said, chosen] = [".said", ".chosen"].map(find)
  const poem = createPoem(find(".poem"), point)
  const heads = createHeads(find(".pictures"), choose)
  const guesses = createGuesses(find(".next"), ask)
  const lens = createLens(find(".lens"))
  const score = createScore(find(".score"), ask)
  poem.redraw = () => draw()

  function show(data) {
    root.style.setProperty("--colour", data.colour)
    const theme = { ...themeColours(root), colour: rgb(data.colour) }
    const text = JSON.stringify([data.signs, data.attention, data.words, theme])
    const { position, layer, head } = data.chosen
    Object.assign(state, { data, at: position, held: position, which: layer * data.heads + head })
    state.added = float16Array(data.added)
    state.effects = float16Array(data.effects)
    if (text !== state.text) {
      Object.assign(state, { text, attention: float16Array(data.attention) })
      find(".heads h2").textContent = data.words.heads
      const focused = poem.build(data)
      heads.build(data, state.attention, theme)
      if (focused) find(".poem").focus({ preventScroll: true })
    }
    draw()
  }

  // `at` null: the pointer has left, and what is held is shown again.
  function point(at, held) {
    const moved = held && at !== state.held
    if (moved) state.held = at
    state.at = at ?? state.held
    draw()
    if (moved) ask({ kind: "point" })
  }

  function choose(which) {
    state.which = which
    draw()
    ask({ kind: "point" })
  }

  function ask(asked) {
    const { layer, head } = names(state.which, state.data.heads)
    board.send({ layer: layer - 1, head: head - 1, position: state.held, ...asked })
  }

  function draw() {
    const { data, attention, effects, at, which } = state
    const { words, signs, behind } = data
    const shares = triangleRow(attention, which, signs.length, at)
    const reading = fill(words.head_looks, {
      ...names(which, data.heads),
      sign: signs[at][0],
      sources: readingWords(data, shares, at, percent),
    })
    const [next, share] = behind[at].normed.at(-1)[0]
    const expected = fill(words.expects, { sign: signs[at][0], next, share: percent(share) })
    poem.draw(at, shares, `${expected}${words.gap}${reading}`, state.held)
    said.textContent = reading
    drawChosen()
    find(".heads .note").textContent = fill(words.heads_help, { token: behind[at].token })
    heads.draw(data, attention, effects, at, which)
    guesses.draw(data, at)
    lens.draw(data, at)
    score.draw(data, state.added, at)
  }

  // The head that is chosen: how much it matters, and the switch for it; what the heads write that are off.
  function drawChosen() {
    const { data, effects, at, which } = state
    const { words, off, behind, signs, heads: count, ways, way } = data
    const named = names(which, count)
    const switched = isOff(off, which, count)
    const { token, plain } = behind[at]
    const change = { token, before: percent(plain), after: percent(effects[which * signs.length + at]) }
    chosen.replaceChildren()
    element("span", "", chosen, switched ? fill(words.is_off, named) : fill(words.matters, change))
    const put = (text, asked, pressed) => {
      const button = element("button", "", chosen, text)
      Object.assign(button, { type: "button", onclick: () => ask(asked) })
      if (pressed !== undefined) button.setAttribute("aria-pressed", String(pressed))
    }
    put(fill(switched ? words.switch_on : words.switch_off, named), { kind: "switch" })
    if (off.length) put(words.all_on, { kind: "all_on" })
    if (off.length && ways.length > 1) {
      element("span", "", chosen, words.write)
      for (const [name, text] of ways) put(text, { kind: "way", way: name }, name === way)
    }
  }
  return board
}
