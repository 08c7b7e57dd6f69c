// One card a network. Pointing at a digit in one chart shows its probability in all of them.
import { announce, element, forget, onPlainClick, remembered } from "../_shared/dom.js"
import { clamp } from "../_shared/numbers.js"

const DIGITS = 10
const SEEN = 0.5 // the share of the cards from which the bar at the foot of a phone's window is not needed

export default function ({ data, parentElement, setTriggerValue }) {
  const status = parentElement.querySelector(".gb-cards-said")
  const bar = parentElement.querySelector(".gb-verdict-bar")
  const board = remembered(parentElement.querySelector(".gb-cards"), (root) => createBoard(root, status, bar))
  board.open = (name) => setTriggerValue("opened", name)
  board.show(data)
  return () => {
    board.watcher.disconnect()
    forget(board.root)
  }
}

function createBoard(root, status, bar) {
  const watcher = new IntersectionObserver(([seen]) => (bar.hidden = seen.intersectionRatio >= SEEN), {
    threshold: [0, SEEN, 1],
  })
  watcher.observe(root)
  bar.onclick = () => root.scrollIntoView({ behavior: "smooth", block: "center" })
  const board = { root, watcher, show, open: null }
  // `picked`: the digit pointed at, or null; `held`: it stays when the pointer leaves.
  const state = { cards: new Map(), picked: null, held: false, summary: null }

  function show({ cards, words }) {
    for (const [name, card] of state.cards) {
      if (cards.some((wanted) => wanted.name === name)) continue
      card.article.remove()
      state.cards.delete(name)
    }
    cards.forEach((wanted, i) => {
      if (!state.cards.has(wanted.name)) state.cards.set(wanted.name, createCard(wanted.name))
      const card = state.cards.get(wanted.name)
      // Only what is out of order is moved: a moved element would lose the keyboard's focus.
      if (root.children[i] !== card.article) root.insertBefore(card.article, root.children[i] ?? null)
      writeCard(card, wanted, words)
    })
    writeBar(bar, cards)
    if (state.summary !== null && state.summary !== words.summary) announce(status, words.summary)
    state.summary = words.summary
    point(state.picked, state.held)
  }

  function createCard(name) {
    const article = element("article", "gb-card")
    article.dataset.model = name
    const head = element("div", "gb-card-head", article)
    const card = {
      article,
      title: element("b", "", head),
      link: element("a", "", head),
      longTitle: element("span", "", head),
      label: element("div", "gb-card-label", article),
      sure: element("div", "gb-card-sure", article),
      chart: element("div", "gb-card-chart", article),
      readout: element("p", "gb-card-readout", article),
      foot: element("div", "gb-card-foot", article),
    }
    card.bars = Array.from({ length: DIGITS }, (_, digit) => createBar(card.chart, digit))
    listen(card)
    onPlainClick(card.link, () => board.open(name))
    return card
  }

  function createBar(chart, digit) {
    const bar = element("span", "gb-card-bar", chart)
    element("i", "", bar)
    bar.append(String(digit))
    bar.onpointerenter = (event) => event.pointerType === "mouse" && point(digit, false)
    bar.onclick = () => (state.held && state.picked === digit ? point(null, false) : point(digit, true))
    return bar
  }

  function listen(card) {
    const { chart } = card
    const last = DIGITS - 1
    Object.assign(chart, { tabIndex: 0, role: "slider", ariaValueMin: "0", ariaValueMax: String(last) })
    chart.onpointerleave = () => !state.held && point(null, false)
    chart.onfocus = () => chart.matches(":focus-visible") && point(state.picked ?? card.top, true)
    chart.onblur = () => point(null, false)
    chart.onkeydown = (event) => {
      const here = state.picked ?? card.top
      const to = {
        ArrowLeft: here - 1,
        ArrowDown: here - 1,
        ArrowRight: here + 1,
        ArrowUp: here + 1,
        Home: 0,
        End: last,
      }[event.key]
      if (to === undefined) return
      event.preventDefault()
      point(clamp(to, 0, last), true)
    }
  }

  // Show a digit's probability on all cards; null: that of each card's verdict.
  function point(digit, held) {
    Object.assign(state, { picked: digit, held })
    for (const { bars, top, values, readout, chart } of state.cards.values()) {
      const shown = digit ?? top
      bars.forEach((bar, k) => bar.classList.toggle("gb-picked", k === digit))
      const equals = /^[<>]/.test(values[shown]) ? " " : " = "
      readout.replaceChildren(
        element("var", "", null, "P"),
        `(${shown})${equals}`,
        element("b", "", null, values[shown]),
      )
      chart.ariaValueNow = String(shown)
      chart.ariaValueText = `${shown}: ${values[shown]}`
    }
  }
  return board
}

function writeCard(card, wanted, words) {
  card.values = wanted.values
  card.top = Number(wanted.label)
  card.article.style.setProperty("--colour", wanted.colour)
  card.article.setAttribute("aria-label", wanted.long_title || wanted.title)
  card.title.textContent = wanted.title
  card.longTitle.textContent = wanted.long_title
  card.label.textContent = wanted.label
  card.sure.textContent = wanted.sure
  card.foot.textContent = wanted.foot
  card.link.textContent = wanted.link
  card.link.href = wanted.href
  card.link.setAttribute("aria-label", `${wanted.link}: ${wanted.title}`)
  const values = wanted.values.map((value, digit) => `${digit}: ${value}`).join(", ")
  card.chart.setAttribute("aria-label", `${words.chart}, ${wanted.title}: ${values}`)
  card.bars.forEach((bar, digit) => {
    bar.style.setProperty("--share", wanted.shares[digit])
    bar.classList.toggle("gb-top", digit === card.top)
  })
}

// The verdicts in short, for a window in which the sheet leaves no room for the cards.
function writeBar(bar, cards) {
  const items = cards.map((card) => {
    const item = element("span", "gb-verdict")
    item.style.setProperty("--colour", card.colour)
    element("small", "", item, card.title)
    element("b", "", item, card.label)
    element("small", "", item, card.share)
    return item
  })
  bar.replaceChildren(...items)
}
