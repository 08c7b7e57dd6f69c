// A sheet that fills at a reader's pace. The server writes ahead; what is not shown yet can still be stopped.
import { element, remembered } from "../_shared/dom.js"
import { clamp, fill, measured, percent } from "../_shared/numbers.js"
import { drawMark, markAt, markSaid } from "./poem_marks.js"

const SPEEDS = [2, 4, 8, 16, 32, 64] // characters a second
const FIRST_SPEED = 3
const AHEAD = 16 // characters in hand below which more is asked for
const CONTEXT = 8 // characters of the text shown before the place
const HEARD = 80 // characters that screen readers hear at a pause

export default function ({ data, parentElement, setTriggerValue }) {
  const sheet = remembered(parentElement.querySelector(".gb-writer"), createSheet)
  sheet.ask = (asked) => setTriggerValue("asked", { ...asked, number: data.number })
  sheet.take(data)
}

function createSheet(root) {
  const find = (name) => root.querySelector(`.gb-writer-${name}`)
  const [go, all, again, layout, speed, pace] = ["go", "all", "again", "layout", "speed input", "speed span"].map(find)
  const [count, text, title, note, list] = ["count", "text", "next h2", "next p", "next ol"].map(find)
  const [status, share, verdict] = ["said", "copied", "verdict"].map(find)
  const still = window.matchMedia("(prefers-reduced-motion: reduce)")
  const cursor = element("i")
  const sheet = { take, ask: null }
  // `asked`: how many characters were there when more was asked for; `held`: the place stays pointed at.
  // `rushing`: what the server still sends is shown at once.
  const state = { data: null, asked: -1, timer: null, at: null, held: false, signs: [], rushing: false }
  speed.value = String(FIRST_SPEED)

  function take(data) {
    const other = data.number !== state.data?.number
    state.data = data
    root.style.setProperty("--colour", data.colour)
    again.textContent = data.words.again
    all.textContent = data.words.at_once
    text.classList.toggle("gb-poem", data.poem !== null)
    turn()
    text.setAttribute("aria-label", `${data.words.text}. ${data.words.explore}`)
    if (other) restart()
    if (state.rushing) rush()
    state.signs.forEach(underline) // what is written next may make a run of what stands there
    paint()
  }

  function restart() {
    const { prompt, start, running } = state.data
    pause()
    Object.assign(state, { asked: -1, signs: [], rushing: false })
    text.replaceChildren()
    if (prompt) element("b", "", text, prompt)
    text.append(cursor)
    while (state.signs.length < start) append()
    point(null, false)
    if (running) run()
  }

  function append() {
    const { characters, taken, given, words } = state.data
    const place = state.signs.length
    const [sign, chance] = characters[place]
    const kind = { "gb-taken": taken.includes(place), "gb-given": given.includes(place), "gb-line-end": sign === "\n" }
    const classes = Object.keys(kind).filter((name) => kind[name])
    const made = element("span", classes.join(" "), null, sign === "\n" ? "" : sign)
    if (sign === "\n") element("small", "", made, "⏎\n")
    made.style.setProperty("--share", chance)
    cursor.before(made)
    state.signs.push(made)
    underline(made, place)
    if (taken.includes(place)) made.title = words.taken
    else if (given.includes(place)) made.title = words.given
  }

  const copied = (place) => state.data.copied?.some(([start, stop]) => start <= place && place < stop) ?? false

  function underline(sign, place) {
    sign.classList.toggle("gb-copied", copied(place))
    sign.title ||= copied(place) ? state.data.words.copied_here : ""
  }

  // How much of what is shown stands in what the network has read.
  function copiedShare() {
    const count = state.signs.length
    if (!count || !state.data.copied || state.data.poem) return ""
    const underlined = state.signs.filter((_, place) => copied(place)).length
    return fill(state.data.words.copied, { share: measured(underlined / count), count, length: state.data.run_length })
  }

  const full = () => state.signs.length >= state.data.limit

  // Visitors who prefer reduced motion get several characters at once instead of a steady flow.
  function run() {
    if (state.timer || full()) return
    const step = still.matches ? AHEAD : 1
    state.timer = setInterval(
      () => {
        if (!root.isConnected) return pause()
        for (let i = 0; i < step && state.signs.length < state.data.characters.length; i++) append()
        askAhead()
        if (full()) pause()
        paint()
        if (!state.held) show(null)
      },
      (1000 * step) / SPEEDS[speed.value],
    )
    askAhead()
    paint()
  }

  // Show all that there is, and ask for what there is not yet.
  function rush() {
    while (state.signs.length < state.data.characters.length) append()
    state.rushing = !full()
    pause()
    if (full()) say()
  }

  function turn() {
    const { poem, words } = state.data
    layout.hidden = poem === null
    text.classList.toggle("gb-vertical", poem?.vertical ?? false)
    layout.textContent = poem?.vertical ? words.horizontal : words.vertical
  }

  function pause() {
    if (state.timer) say()
    clearInterval(state.timer)
    state.timer = null
    paint()
  }

  function say() {
    const heard = state.signs.map((sign) => sign.textContent).join("")
    status.textContent = [heard.slice(-HEARD), copiedShare(), ...verdicts()].join(" ")
  }

  function askAhead() {
    const have = state.data.characters.length
    if (have - state.signs.length > AHEAD || have >= state.data.limit || state.asked === have) return
    state.asked = have
    sheet.ask({ kind: "more", place: have })
  }

  const verdicts = () => (state.data.poem && full() ? state.data.poem.said : [])

  function paint() {
    const { words, limit, characters, poem } = state.data
    const shown = state.signs.length
    go.textContent = state.timer ? `❚❚ ${words.pause}` : `▶ ${words.write}`
    go.disabled = full()
    all.disabled = full()
    count.textContent = full() ? (poem ? words.finished : words.full) : `${shown} / ${limit}`
    pace.textContent = `${words.speed}: ${fill(words.pace, { count: SPEEDS[speed.value] })}`
    share.textContent = copiedShare()
    verdict.replaceChildren(...verdicts().map((sentence) => element("li", "", null, sentence)))
    if (poem) state.signs.forEach((sign, place) => drawMark(sign, markAt(poem, place, shown)))
    cursor.hidden = full()
    Object.assign(text, { ariaValueMin: "0", ariaValueMax: String(shown) })
    if (state.at === null) show(null)
    if (characters.length > state.asked) state.asked = -1
  }

  function spoken(sign) {
    const { words } = state.data
    return { "\n": `⏎ ${words.line_end}`, " ": `␣ ${words.space}` }[sign] ?? sign
  }

  // Show what could stand at a place; null: at the last one written.
  function show(at) {
    const { words, characters, prompt, poem, given } = state.data
    const place = at ?? state.signs.length - 1
    if (place < 0 || place >= characters.length) return
    const [sign, chance, others] = characters[place]
    const written =
      prompt +
      characters
        .slice(0, place)
        .map(([one]) => one)
        .join("")
    title.textContent = fill(words.next, { before: written.slice(-CONTEXT).replace(/\n/g, "⏎") })
    note.textContent = at === null ? words.hint : words.instead
    const offered = others.some(([other]) => other === sign) ? others : [...others, [sign, chance]]
    list.replaceChildren(...offered.map(([other, p]) => createOffer(other, p, other === sign, place)))
    text.ariaValueNow = String(place + 1)
    const mark = poem ? markSaid(markAt(poem, place, state.signs.length), words) : ""
    const said = [spoken(sign), percent(chance), given.includes(place) && words.given, mark]
    text.ariaValueText = [...said, copied(place) && words.copied_here].filter(Boolean).join(", ")
  }

  function createOffer(sign, p, written, place) {
    const line = element("li")
    const button = element("button", "", line)
    Object.assign(button, { type: "button", ariaPressed: String(written) })
    element("em", "", button, spoken(sign))
    element("u", "", button).style.setProperty("--share", p)
    element("span", "", button, percent(p))
    button.onclick = () => !written && sheet.ask({ kind: "take", place, sign })
    return line
  }

  function point(at, held) {
    Object.assign(state, { at, held })
    state.signs.forEach((sign, i) => sign.classList.toggle("gb-pointed", i === at))
    show(at)
  }

  const under = (event) => state.signs.findIndex((sign) => sign.contains(event.target))
  text.onpointerover = (event) => {
    const at = under(event)
    if (event.pointerType === "mouse" && at >= 0 && !state.held && !state.timer) point(at, false)
  }
  text.onclick = (event) => {
    const at = under(event)
    if (at < 0) return
    pause()
    point(at, !(state.held && state.at === at))
  }
  text.onfocus = () => {
    if (!text.matches(":focus-visible") || !state.signs.length) return
    pause()
    point(state.at ?? state.signs.length - 1, true)
  }
  text.onkeydown = (event) => {
    const last = state.signs.length - 1
    const here = state.at ?? last
    const to = {
      ArrowLeft: here - 1,
      ArrowUp: here - 1,
      ArrowRight: here + 1,
      ArrowDown: here + 1,
      Home: 0,
      End: last,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    point(clamp(to, 0, last), true)
  }
  go.onclick = () => {
    if (state.timer) return pause()
    point(null, false)
    run()
  }
  all.onclick = () => {
    const wanting = state.data.characters.length < state.data.limit
    rush()
    if (wanting) sheet.ask({ kind: "all", place: 0 })
  }
  speed.oninput = () => {
    const running = state.timer !== null
    if (running) {
      clearInterval(state.timer)
      state.timer = null
      run()
    } else paint()
  }
  layout.onclick = () => {
    state.data.poem.vertical = !state.data.poem.vertical
    turn()
    sheet.ask({ kind: state.data.poem.vertical ? "vertical" : "horizontal", place: 0 })
  }
  again.onclick = () => sheet.ask({ kind: "again", place: 0 })
  return sheet
}
