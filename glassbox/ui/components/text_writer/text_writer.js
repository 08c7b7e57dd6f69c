// A sheet that fills at a reader's pace. The server writes ahead; what is not shown yet can still be stopped.
const PACE = 60 // milliseconds a character
const AHEAD = 16 // characters in hand below which more is asked for
const sheets = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-writer")
  let sheet = sheets.get(root)
  if (!sheet) sheets.set(root, (sheet = createSheet(root)))
  sheet.ask = (asked) => setTriggerValue("asked", { ...asked, number: data.number })
  sheet.take(data)
}

function element(tag, name, parent, text) {
  const made = document.createElement(tag)
  if (name) made.className = name
  if (text !== undefined) made.textContent = text
  parent?.append(made)
  return made
}

const percent = (share) => (share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`)

function createSheet(root) {
  const [go, again, count, text, title, note, list, status] = [".gb-writer-go", ".gb-writer-again", ".gb-writer-keys span", ".gb-writer-text", "h3", ".gb-writer-next p", "ol", ".gb-writer-said"].map((name) => root.querySelector(name))
  const still = window.matchMedia("(prefers-reduced-motion: reduce)")
  const cursor = element("i")
  const sheet = { data: null, shown: 0, asked: -1, timer: null, at: null, held: false, signs: [] }

  sheet.take = (data) => {
    const other = data.number !== sheet.data?.number
    sheet.data = data
    root.style.setProperty("--colour", data.colour)
    again.textContent = data.words.again
    text.setAttribute("aria-label", `${data.words.text}. ${data.words.explore}`)
    if (other) {
      pause()
      sheet.asked = -1
      sheet.shown = 0
      sheet.signs = []
      text.replaceChildren()
      if (data.prompt) element("b", "", text, data.prompt)
      text.append(cursor)
      while (sheet.shown < data.start) append()
      point(null, false)
      if (data.running) run()
    }
    tell()
  }

  function append() {
    const { characters, taken, words } = sheet.data
    const [sign, share] = characters[sheet.shown]
    const place = sheet.shown++
    const made = element("span", taken.includes(place) ? "gb-taken" : "", null, sign === "\n" ? "" : sign)
    if (sign === "\n") element("small", "", made, "⏎\n")
    made.style.setProperty("--share", share)
    if (taken.includes(place)) made.title = words.taken
    cursor.before(made)
    sheet.signs.push(made)
  }

  function run() {
    if (sheet.timer || full()) return
    const pace = still.matches ? PACE * AHEAD : PACE
    sheet.timer = setInterval(() => {
      if (!root.isConnected) return pause()
      for (let i = 0; i < (still.matches ? AHEAD : 1) && sheet.shown < sheet.data.characters.length; i++) append()
      want()
      if (full()) pause()
      tell()
      if (!sheet.held) show(null)
    }, pace)
    want()
    tell()
  }

  function pause() {
    if (sheet.timer && sheet.data) status.textContent = sheet.signs.map((one) => one.textContent).join("").slice(-80)
    clearInterval(sheet.timer)
    sheet.timer = null
    if (sheet.data) tell()
  }

  const full = () => sheet.shown >= sheet.data.limit

  function want() {
    const have = sheet.data.characters.length
    if (have - sheet.shown > AHEAD || have >= sheet.data.limit || sheet.asked === have) return
    sheet.asked = have
    sheet.ask({ kind: "more", place: have })
  }

  function tell() {
    const { words, limit, characters } = sheet.data
    go.textContent = sheet.timer ? `❚❚ ${words.pause}` : `▶ ${words.write}`
    go.disabled = full()
    count.textContent = full() ? words.full : `${sheet.shown} / ${limit}`
    cursor.hidden = full()
    Object.assign(text, { ariaValueMin: "0", ariaValueMax: String(sheet.shown) })
    if (sheet.at === null) show(null)
    if (characters.length > sheet.asked) sheet.asked = -1
  }

  const spoken = (sign) => (sign === "\n" ? `⏎ ${sheet.data.words.line_end}` : sign === " " ? `␣ ${sheet.data.words.space}` : sign)

  // Of the place pointed at, else of the last one written.
  function show(at) {
    const { words, characters } = sheet.data
    const place = at ?? sheet.shown - 1
    if (place < 0 || place >= characters.length) return
    const [sign, share, others] = characters[place]
    const before = (sheet.data.prompt + characters.slice(0, place).map(([one]) => one).join("")).slice(-8).replace(/\n/g, "⏎")
    title.textContent = words.next.replace("{before}", before)
    note.textContent = at === null ? words.hint : words.instead
    const lines = others.some(([other]) => other === sign) ? others : [...others, [sign, share]]
    list.replaceChildren(
      ...lines.map(([other, p]) => {
        const line = document.createElement("li"), button = element("button", "", line)
        Object.assign(button, { type: "button", ariaPressed: String(other === sign) })
        element("em", "", button, spoken(other))
        element("u", "", button).style.setProperty("--share", p)
        element("span", "", button, percent(p))
        button.onclick = () => other !== sign && sheet.ask({ kind: "take", place, sign: other })
        return line
      }),
    )
    text.ariaValueNow = String(place + 1)
    text.ariaValueText = `${spoken(sign)}, ${percent(share)}`
  }

  function point(at, held) {
    Object.assign(sheet, { at, held })
    sheet.signs.forEach((sign, i) => sign.classList.toggle("gb-pointed", i === at))
    show(at)
  }

  const under = (event) => sheet.signs.findIndex((sign) => sign.contains(event.target))
  text.onpointerover = (event) => {
    const at = under(event)
    if (event.pointerType === "mouse" && at >= 0 && !sheet.held && !sheet.timer) point(at, false)
  }
  text.onclick = (event) => {
    const at = under(event)
    if (at < 0) return
    pause()
    point(at, !(sheet.held && sheet.at === at))
  }
  text.onfocus = () => text.matches(":focus-visible") && sheet.signs.length && (pause(), point(sheet.at ?? sheet.shown - 1, true))
  text.onkeydown = (event) => {
    const last = sheet.shown - 1, here = sheet.at ?? last
    const to = { ArrowLeft: here - 1, ArrowUp: here - 1, ArrowRight: here + 1, ArrowDown: here + 1, Home: 0, End: last }[event.key]
    if (to === undefined) return
    event.preventDefault()
    point(Math.min(last, Math.max(0, to)), true)
  }
  go.onclick = () => {
    if (sheet.timer) return pause()
    point(null, false)
    run()
  }
  again.onclick = () => sheet.ask({ kind: "again", place: 0 })
  return sheet
}
