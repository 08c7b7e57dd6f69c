// One card a network. Pointing at a digit in one chart shows its probability in all of them.
const boards = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-cards")
  let board = boards.get(root)
  if (!board) boards.set(root, (board = { cards: new Map(), picked: null, held: false, said: data.words.summary }))
  board.open = (name) => setTriggerValue("opened", name)

  for (const [name, card] of board.cards) {
    if (!data.cards.some((wanted) => wanted.name === name)) {
      card.element.remove()
      board.cards.delete(name)
    }
  }
  data.cards.forEach((wanted, i) => {
    let card = board.cards.get(wanted.name)
    if (!card) board.cards.set(wanted.name, (card = createCard(board, wanted)))
    // Only what is out of order is moved: a moved element would lose the keyboard's focus.
    if (root.children[i] !== card.element) root.insertBefore(card.element, root.children[i] ?? null)
    fill(card, wanted, data.words)
  })
  if (board.said !== data.words.summary) say(parentElement.querySelector(".gb-said"), (board.said = data.words.summary))
  point(board, board.picked, board.held)
}

// For screen readers: what changed, said once and not left behind on the page.
function say(status, words) {
  status.textContent = words
  setTimeout(() => status.textContent === words && (status.textContent = ""), 3000)
}

function element(tag, name, parent) {
  const made = document.createElement(tag)
  made.className = name
  parent?.append(made)
  return made
}

function createCard(board, { name }) {
  const card = { element: element("article", "gb-card") }
  const head = element("div", "gb-card-head", card.element)
  card.title = element("b", "", head)
  card.link = element("a", "", head)
  card.longTitle = element("span", "", head)
  card.label = element("div", "gb-card-label", card.element)
  card.sure = element("div", "gb-card-sure", card.element)
  card.chart = element("div", "gb-bars", card.element)
  card.readout = element("p", "gb-readout", card.element)
  card.foot = element("div", "gb-card-foot", card.element)
  card.bars = [...Array(10).keys()].map((digit) => {
    const bar = element("span", "gb-bar", card.chart)
    element("i", "", bar)
    bar.append(String(digit))
    bar.onpointerenter = (event) => event.pointerType === "mouse" && point(board, digit, false)
    bar.onclick = () => (board.held && board.picked === digit ? point(board, null, false) : point(board, digit, true))
    return bar
  })
  card.element.dataset.model = name
  Object.assign(card.chart, { tabIndex: 0, role: "slider", ariaValueMin: "0", ariaValueMax: "9" })
  card.chart.onpointerleave = () => !board.held && point(board, null, false)
  card.chart.onfocus = () => card.chart.matches(":focus-visible") && point(board, board.picked ?? card.top, true)
  card.chart.onblur = () => point(board, null, false)
  card.chart.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
    const to = event.key === "Home" ? 0 : event.key === "End" ? 9 : step && Math.min(9, Math.max(0, (board.picked ?? card.top) + step))
    if (to === undefined) return
    event.preventDefault()
    point(board, to, true)
  }
  card.link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    board.open(name)
  }
  return card
}

function fill(card, wanted, words) {
  card.values = wanted.values
  card.top = Number(wanted.label)
  card.element.style.setProperty("--colour", wanted.colour)
  card.element.setAttribute("aria-label", wanted.long_title)
  card.title.textContent = wanted.title
  card.longTitle.textContent = wanted.long_title
  card.label.textContent = wanted.label
  card.sure.textContent = wanted.sure
  card.foot.textContent = wanted.foot
  card.link.textContent = wanted.link
  card.link.href = wanted.href
  card.link.setAttribute("aria-label", `${wanted.link}: ${wanted.title}`)
  card.chart.setAttribute("aria-label", `${words.chart}, ${wanted.title}: ${wanted.values.map((value, digit) => `${digit}: ${value}`).join(", ")}`)
  card.bars.forEach((bar, digit) => {
    bar.style.setProperty("--share", wanted.shares[digit])
    bar.classList.toggle("gb-top", digit === card.top)
  })
}

function point(board, digit, held) {
  Object.assign(board, { picked: digit, held })
  for (const card of board.cards.values()) {
    const shown = digit ?? card.top
    card.bars.forEach((bar, k) => bar.classList.toggle("gb-picked", k === digit))
    card.readout.innerHTML = `<i>P</i>(${shown}) = <b>${card.values[shown]}</b>`
    card.chart.ariaValueNow = String(shown)
    card.chart.ariaValueText = `${shown}: ${card.values[shown]}`
  }
}
