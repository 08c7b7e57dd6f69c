// Coloured texts that share one pointer: the token pointed at in one is shown in all with as many tokens.
import { announce, element, remembered } from "../_shared/dom.js"
import { clamp, percent } from "../_shared/numbers.js"
import { largestLabels } from "./layout.js"

const MOST_BARS = 8

export default function ({ data, parentElement, setTriggerValue }) {
  const status = parentElement.querySelector(".gb-passages-said")
  const board = remembered(parentElement.querySelector(".gb-passages"), (root) => createBoard(root, status))
  board.pick = (name, token) => setTriggerValue("picked", { name, token })
  board.show(data)
}

function createBoard(root, status) {
  const board = { show, pick: null }
  // `at`: the token pointed at, or null; `held`: it stays when the pointer leaves.
  const state = { data: null, drawn: "", cards: [], at: null, held: false }

  function show(data) {
    const before = state.data?.words.summary
    if (state.data && data.words.summary && before !== data.words.summary) announce(status, data.words.summary)
    state.data = data
    const drawn = JSON.stringify([data.passages, data.pickable, data.words])
    if (drawn !== state.drawn) {
      Object.assign(state, { drawn, at: null })
      build()
    }
    for (const { passage, tokens } of state.cards) {
      tokens.forEach((token, i) => token.classList.toggle("gb-chosen", (data.picked[passage.name] ?? []).includes(i)))
    }
    point(state.at, state.held)
  }

  function build() {
    const focused = state.cards.findIndex((card) => card.text === document.activeElement)
    state.cards = state.data.passages.map(createCard)
    root.replaceChildren(...state.cards.map((card) => card.article))
    state.cards.forEach(listen)
    state.cards[focused]?.text.focus({ preventScroll: true })
  }

  function listen(card) {
    const { text, tokens, passage } = card
    const { words, pickable } = state.data
    const last = tokens.length - 1
    Object.assign(text, { tabIndex: 0, role: "slider", ariaValueMin: "1", ariaValueMax: String(tokens.length) })
    text.setAttribute(
      "aria-label",
      [passage.title, passage.verdict, passage.note, words.explore].filter(Boolean).join(". "),
    )
    const under = (event) => tokens.findIndex((token) => token.contains(event.target))
    text.onpointerover = (event) => {
      const at = under(event)
      if (event.pointerType === "mouse" && at >= 0 && !state.held) point(at, false, card)
    }
    text.onpointerleave = (event) => event.pointerType === "mouse" && !state.held && point(null, false, card)
    text.onclick = (event) => {
      const at = under(event)
      if (at < 0) return
      if (pickable) board.pick(passage.name, at)
      const release = state.held && state.at === at
      point(release ? null : at, !release && !pickable, card)
    }
    text.onfocus = () => text.matches(":focus-visible") && point(state.at ?? last, true, card)
    text.onblur = () => point(null, false, card)
    text.onkeydown = (event) => {
      const here = state.at ?? last
      const to = {
        ArrowLeft: here - 1,
        ArrowUp: here - 1,
        ArrowRight: here + 1,
        ArrowDown: here + 1,
        Home: 0,
        End: last,
      }[event.key]
      if (to !== undefined) point(clamp(to, 0, last), true, card)
      else if (event.key === "Escape") point(null, false, card)
      else if (pickable && (event.key === "Enter" || event.key === " ")) board.pick(passage.name, here)
      else return
      event.preventDefault()
    }
  }

  // Show a token in the card `from` and in all with as many tokens; null: none, and what is there at the end.
  function point(at, held, from = state.cards[0]) {
    Object.assign(state, { at, held })
    for (const card of state.cards) {
      const shown = at !== null && card.tokens.length === from.tokens.length && at < card.tokens.length ? at : null
      card.tokens.forEach((token, i) => token.classList.toggle("gb-pointed", i === shown))
      writeToken(card, shown, state.data.words)
    }
  }
  return board
}

const toneOf = ({ signed, colour }, shade) =>
  signed ? `var(--gb-${shade < 0 ? "negative" : "positive"})` : shade < 0 ? "var(--gb-grey)" : colour

function createCard(passage) {
  const article = element("article", "gb-passage")
  article.dataset.name = passage.name
  if (passage.colour) article.style.setProperty("--colour", passage.colour)
  if (passage.title) {
    const header = element("header", "", article)
    element("b", "", header, passage.title)
    if (passage.subtitle) element("span", "", header, passage.subtitle)
  }
  if (passage.verdict || passage.note) {
    const verdict = element("p", "gb-passage-verdict", article)
    if (passage.verdict) element("em", "", verdict, passage.verdict)
    element("span", "", verdict, passage.note)
  }
  const text = element("p", "gb-passage-text", article)
  const marks = new Map(passage.marks)
  const tokens = passage.tokens.map((_, i) => createToken(text, passage, i, marks.get(i)))
  const read = element("p", "gb-passage-read", article)
  const bars = passage.shares && createBars(article, passage)
  if (passage.foot) element("small", "", article, passage.foot)
  return { passage, article, text, tokens, read, bars }
}

function createToken(text, passage, i, mark) {
  const [before, sign, known] = passage.tokens[i]
  const shade = passage.shades[i]
  if (before) text.append(before)
  const token = element("span", known ? "gb-token" : "gb-token gb-unknown", text, sign)
  if (mark) {
    // The style sheet draws the word: it is no part of the text, not when that is copied either.
    const sheet = element("i", "")
    sheet.dataset.word = mark
    token.prepend(sheet)
  }
  token.style.setProperty("--tone", toneOf(passage, shade))
  token.style.setProperty("--share", Math.abs(shade))
  return token
}

// The labels with the largest shares at the end, so that no bar changes its place.
function createBars(article, passage) {
  const list = element("ul", "gb-passage-bars", article)
  return largestLabels(passage.shares.at(-1), MOST_BARS).map((k) => {
    const line = element("li", "", list)
    element("span", "", line, passage.labels[k])
    const bar = element("u", "", line)
    const value = element("span", "", line)
    return { k, line, bar, value }
  })
}

// Write what was made of the token `at`; null: of the whole text.
function writeToken({ passage, tokens, text, read, bars }, at, words) {
  const unknown = at !== null && !passage.tokens[at][2] ? ` ${words.unknown}` : ""
  read.textContent = at === null ? words.hint : passage.said[at] + unknown
  text.ariaValueNow = String((at ?? tokens.length - 1) + 1)
  text.ariaValueText = at === null ? passage.tokens.map(([before, sign]) => before + sign).join("") : read.textContent
  if (!bars) return
  const shares = passage.shares[at ?? passage.shares.length - 1]
  const top = shares.indexOf(Math.max(...shares))
  for (const { k, line, bar, value } of bars) {
    for (const part of line.children) part.classList.toggle("gb-top", k === top)
    bar.style.setProperty("--share", shares[k])
    value.textContent = percent(shares[k])
  }
}
