// Coloured texts that share one pointer: the token pointed at in one is shown in all with as many tokens.
const MOST_BARS = 8
const boards = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-passages")
  let board = boards.get(root)
  if (!board) {
    board = { at: null, held: false, drawn: "", cards: [] }
    boards.set(root, board)
    new ResizeObserver(() => board.cards.forEach(keepMarksApart)).observe(root)
  }
  const status = parentElement.querySelector(".gb-said")
  if (board.drawn && data.words.summary && board.words?.summary !== data.words.summary) say(status, data.words.summary)
  Object.assign(board, { words: data.words, pickable: data.pickable, pick: (name, token) => setTriggerValue("picked", { name, token }) })
  const drawn = JSON.stringify([data.passages, data.pickable, data.words])
  if (drawn !== board.drawn) {
    const focused = board.cards.findIndex((card) => card.text === document.activeElement)
    board.drawn = drawn
    board.at = null
    root.style.setProperty("--negative", data.words.negative)
    root.style.setProperty("--positive", data.words.positive)
    board.cards = data.passages.map((passage) => createCard(board, passage))
    root.replaceChildren(...board.cards.map((card) => card.element))
    board.cards.forEach(keepMarksApart)
    board.cards[focused]?.text.focus({ preventScroll: true })
  }
  for (const { passage, tokens } of board.cards) {
    tokens.forEach((token, i) => token.classList.toggle("gb-chosen", (data.picked[passage.name] ?? []).includes(i)))
  }
  point(board, board.at, board.held)
}

// For screen readers: what changed, said once and not left behind on the page.
function say(status, words) {
  status.textContent = words
  setTimeout(() => status.textContent === words && (status.textContent = ""), 3000)
}

function element(tag, name, parent, text) {
  const made = document.createElement(tag)
  if (name) made.className = name
  if (text !== undefined) made.textContent = text
  parent?.append(made)
  return made
}

const tone = (passage, shade) => (passage.signed ? `var(--${shade < 0 ? "negative" : "positive"})` : passage.colour)

function createCard(board, passage) {
  const card = { passage, element: element("article", "gb-passage") }
  card.element.dataset.name = passage.name
  if (passage.colour) card.element.style.setProperty("--colour", passage.colour)
  card.element.classList.toggle("gb-passage-marked", passage.marks.length > 0)
  if (passage.title) {
    const header = element("header", "", card.element)
    element("b", "", header, passage.title)
    if (passage.subtitle) element("span", "", header, passage.subtitle)
  }
  if (passage.verdict || passage.note) {
    const verdict = element("p", "gb-passage-verdict", card.element)
    if (passage.verdict) element("em", "", verdict, passage.verdict)
    element("span", "", verdict, passage.note)
  }
  card.text = element("p", "gb-passage-text", card.element)
  card.tokens = passage.tokens.map(([before, text, known], i) => {
    if (before) card.text.append(before)
    const token = element("span", known ? "gb-token" : "gb-token gb-unknown", card.text, text)
    token.style.setProperty("--tone", tone(passage, passage.shades[i]))
    token.style.setProperty("--share", Math.abs(passage.shades[i]))
    return token
  })
  // Words over the text are drawn by the style sheet: they are no part of the text, not when it is copied either.
  card.marks = passage.marks.map(([place, word]) => {
    const mark = element("i", "", card.tokens[place])
    mark.dataset.word = word
    return mark
  })
  card.read = element("p", "gb-passage-read", card.element)
  if (passage.shares) card.bars = createBars(card)
  if (passage.foot) element("small", "", card.element, passage.foot)
  listen(board, card)
  return card
}

// The labels with the largest shares at the end, in the order of the card, so that no bar changes its place.
function createBars({ element: parent, passage }) {
  const last = passage.shares.at(-1)
  const most = passage.labels.map((_, k) => k).sort((a, b) => last[b] - last[a]).slice(0, MOST_BARS).sort((a, b) => a - b)
  const list = element("ul", "gb-passage-bars", parent)
  return most.map((k) => {
    const line = element("li", "", list)
    const [label, bar, value] = [element("span", "", line, passage.labels[k]), element("u", "", line), element("span", "", line)]
    if (passage.signed) bar.style.setProperty("--tone", tone(passage, k ? 1 : -1))
    return { k, line, label, bar, value }
  })
}

function listen(board, card) {
  const { text } = card
  Object.assign(text, { tabIndex: 0, role: "slider", ariaValueMin: "1", ariaValueMax: String(card.tokens.length) })
  text.setAttribute("aria-label", [card.passage.title, card.passage.verdict, card.passage.note, board.words.explore].filter(Boolean).join(". "))
  const under = (event) => card.tokens.findIndex((token) => token.contains(event.target))
  text.onpointerover = (event) => {
    const at = under(event)
    if (event.pointerType === "mouse" && at >= 0 && !board.held) point(board, at, false, card)
  }
  text.onpointerleave = (event) => event.pointerType === "mouse" && !board.held && point(board, null, false, card)
  text.onclick = (event) => {
    const at = under(event)
    if (at < 0) return
    if (board.pickable) board.pick(card.passage.name, at)
    const release = board.held && board.at === at
    point(board, release ? null : at, !release && !board.pickable, card)
  }
  text.onfocus = () => text.matches(":focus-visible") && point(board, board.at ?? card.tokens.length - 1, true, card)
  text.onblur = () => point(board, null, false, card)
  text.onkeydown = (event) => {
    const last = card.tokens.length - 1, here = board.at ?? last
    const to = { ArrowLeft: here - 1, ArrowUp: here - 1, ArrowRight: here + 1, ArrowDown: here + 1, Home: 0, End: last, Escape: null }[event.key]
    if (to !== undefined) point(board, to === null ? null : Math.min(last, Math.max(0, to)), to !== null, card)
    else if (board.pickable && (event.key === "Enter" || event.key === " ")) board.pick(card.passage.name, here)
    else return
    event.preventDefault()
  }
}

function point(board, at, held, from = null) {
  Object.assign(board, { at, held })
  for (const card of board.cards) {
    const mine = at !== null && (card === from || card.tokens.length === (from ?? board.cards[0]).tokens.length) && at < card.tokens.length
    card.tokens.forEach((token, i) => token.classList.toggle("gb-pointed", mine && i === at))
    show(board, card, mine ? at : null)
  }
}

function show(board, card, at) {
  const { passage } = card
  const unknown = at !== null && !passage.tokens[at][2] ? ` ${board.words.unknown}` : ""
  card.read.textContent = at === null ? board.words.hint : passage.said[at] + unknown
  card.text.ariaValueNow = String((at ?? card.tokens.length - 1) + 1)
  card.text.ariaValueText = (at === null ? passage.tokens.map(([before, text]) => before + text).join("") : passage.said[at]) + unknown
  if (!card.bars) return
  const shares = passage.shares[at ?? passage.shares.length - 1]
  const top = shares.indexOf(Math.max(...shares))
  for (const { k, line, bar, value } of card.bars) {
    for (const part of line.children) part.classList.toggle("gb-top", k === top)
    bar.style.setProperty("--share", shares[k])
    bar.classList.toggle("gb-top", k === top)
    value.textContent = `${(100 * shares[k]).toFixed(1)} %`
  }
}

// A word over the text stays only where it does not run into the one before it, and within the card.
function keepMarksApart(card) {
  const edge = card.text.getBoundingClientRect()
  let before = null
  for (const mark of card.marks) {
    mark.classList.remove("gb-hidden")
    mark.style.removeProperty("--shift")
    const box = mark.getBoundingClientRect()
    const over = box.right - edge.right
    if (over > 0) mark.style.setProperty("--shift", `${-over}px`)
    const left = box.left - Math.max(0, over)
    if (before && Math.abs(before.top - box.top) < 4 && left < before.right + 2) mark.classList.add("gb-hidden")
    else before = { top: box.top, right: left + box.width }
  }
}
