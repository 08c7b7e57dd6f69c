// Heat maps that share one clock: rows are time, from top to bottom, as the networks read them. One row is current: the
// last one read, and that of the number whose sum the page shows.
import { themeColours } from "../_shared/colours.js"
import { element, remembered } from "../_shared/dom.js"
import { clamp, fill, steadyNumber } from "../_shared/numbers.js"
import { createPanel, listen, paintPanel, placeMark } from "./panel.js"
import { createRace } from "./race.js"

const PACE = 250 // milliseconds a row
const SETTLED = 300 // milliseconds on a row before its sum is asked for
const INNER = ["i", "f", "o", "z", "r", "h", "c", "C"] // parts that are shown once the switch for the gates is on

export default function ({ data, parentElement, setTriggerValue }) {
  const film = remembered(parentElement.querySelector(".networks"), (root) => createFilm(parentElement, root))
  film.ask = (asked) => setTriggerValue("asked", asked)
  film.show(data)
  return () => film.pause()
}

function createFilm(parent, root) {
  const [play, back, slider, forward, clock, readout] = [
    ".play",
    ".back",
    "input[type=range]",
    ".forward",
    "output",
    ".readout",
  ].map((name) => parent.querySelector(name))
  const [race, gates] = [".race", ".gates"].map((name) => parent.querySelector(name))
  const film = { ask: null, show, pause }
  const state = {
    data: null,
    drawn: "",
    theme: null,
    row: null,
    asked: "", // the number that was asked for last
    followed: "", // the one that was asked for because the visitor stayed on its row, who may have gone on since
    moved: false, // whether the visitor has gone to a row
    timer: null,
    settling: null,
    panels: [],
    networks: [],
    run: null,
  }

  function show(data) {
    state.data = data
    state.theme = themeColours(root)
    const drawn = JSON.stringify([data.networks, data.words, data.labels])
    if (drawn !== state.drawn) {
      state.drawn = drawn
      build()
    }
    const asked = JSON.stringify(data.asked)
    const elsewhere = asked !== state.asked && asked !== state.followed
    if (data.asked && elsewhere && !state.timer) state.row = data.asked.row + 1
    state.asked = asked
    seek(state.row)
  }

  // The mark of the number that is asked for goes along with the row.
  function placeAsked() {
    const { asked } = state.data
    for (const panel of state.panels) {
      panel.asked.style.display = "none"
      if (panel.network.name === asked?.network && panel.part === asked.part)
        placeMark(panel, "asked", state.row - 1, asked.unit)
    }
  }

  // Ask for the sum at the row that the visitor stays on.
  function askHere() {
    clearTimeout(state.settling)
    const { asked } = state.data
    if (!asked || asked.row === state.row - 1) return
    state.settling = setTimeout(() => {
      if (!root.isConnected) return
      const here = { ...asked, row: state.row - 1 }
      state.followed = JSON.stringify(here)
      film.ask(here)
    }, SETTLED)
  }

  function build() {
    const { data } = state
    root.replaceChildren()
    state.panels = []
    state.networks = data.networks.map(createNetwork)
    state.row = Math.min(state.row ?? (data.asked ? data.asked.row + 1 : data.rows), data.rows)
    buildRace()
    slider.max = data.rows
    slider.setAttribute("aria-label", data.words.row.split("{row}")[0])
    back.ariaLabel = back.title = data.words.back
    forward.ariaLabel = forward.title = data.words.forward
    pause()
    point(null)
  }

  // A race is on: the end is not told before it is reached, and the gates wait behind a switch.
  function buildRace() {
    const { race: wanted, rows, words, asked } = state.data
    race.hidden = gates.hidden = !wanted
    root.classList.toggle("racing", Boolean(wanted))
    state.run = null
    if (!wanted) return
    const of = (name, part) => state.panels.find((panel) => panel.network.name === name && panel.part === part)
    const racers = state.networks.map(({ network }) => ({ network, score: of(network.name, "score") }))
    state.run = createRace(race, { racers, picture: state.panels.find((panel) => panel.part === "picture"), rows })
    gates.querySelector("span").textContent = words.gates
    const box = gates.querySelector("input")
    if (INNER.includes(asked?.part)) box.checked = true
    box.onchange = () => root.classList.toggle("open", box.checked)
    box.onchange()
  }

  function createNetwork(network) {
    const { rows, labels, words } = state.data
    const section = element("section", "", root)
    section.dataset.network = network.name
    section.style.setProperty("--colour", network.colour)
    const header = element("header", "", section)
    element("b", "", header, network.title)
    element("span", "", header, network.long_title)
    const now = element("div", "now", header)
    const [before, behind] = words.after.split("{label}")
    now.append(before)
    element("em", "", now)
    now.append(behind)
    const said = element("p", "", section, network.said)
    const panels = element("div", "panels", section)
    for (const given of network.panels) {
      const place = element("div", INNER.includes(given.part) ? "inner" : given.part, panels)
      const panel = createPanel(given, { network, rows, labels, explore: words.explore }, place)
      listen(panel, { point: (at) => point(at && panel, at), ask: (at) => ask(panel, at) })
      state.panels.push(panel)
    }
    return { network, now, said }
  }

  // Read out one cell; null: none.
  function point(panel, at) {
    const { words, labels } = state.data
    for (const one of state.panels) one.point.style.display = "none"
    if (!panel) {
      readout.textContent = words.hint
      return
    }
    panel.at = at
    const [row, unit] = at
    if (!panel.bars) placeMark(panel, "point", row, unit)
    const value = steadyNumber(panel.values[row * panel.units + unit])
    const shown = {
      part: panel.title,
      row: row + 1,
      unit: panel.part === "score" ? unit : unit + 1,
      token: labels[row],
      value,
    }
    readout.textContent = `${panel.network.title} · ${fill(panel.hover, shown)}`
  }

  function ask(panel, [row, unit]) {
    if (!state.data.asked || panel.bars || panel.part === "picture") return
    state.followed = ""
    film.ask({ network: panel.network.name, part: panel.part, row, unit })
  }

  // Go to a row, from 1 on: it is the last one read.
  function seek(row) {
    const { rows, words } = state.data
    state.row = clamp(row, 1, rows)
    slider.value = state.row
    clock.textContent = fill(words.row, { row: state.row, rows })
    for (const panel of state.panels) {
      paintPanel(panel, state.theme, state.row)
      placeMark(panel, "band", state.row - 1)
    }
    placeAsked()
    state.run?.(state.row, state.theme)
    const heard = state.networks.map(({ network, now, said }) => {
      said.hidden = Boolean(state.run) && state.row < rows
      const [label, share] = network.verdicts[state.row - 1]
      now.querySelector("em").textContent = label
      now.lastChild.textContent = ` ${fill(words.sure, { share })}`
      return `${network.title} ${label}`
    })
    slider.setAttribute("aria-valuetext", `${clock.textContent}: ${heard.join(", ")}`)
  }

  function pause() {
    clearInterval(state.timer)
    clearTimeout(state.settling)
    state.timer = null
    if (state.data) play.textContent = `▶ ${state.data.words.play}`
  }

  function start() {
    const { rows, words } = state.data
    if (state.row >= rows || (state.data.race && !state.moved)) seek(1)
    state.moved = true
    state.timer = setInterval(() => {
      seek(state.row + 1)
      if (state.row >= rows) stop()
    }, PACE)
    play.textContent = `❚❚ ${words.pause}`
  }

  function stop() {
    pause()
    askHere()
  }

  function goTo(row) {
    pause()
    state.moved = true
    seek(row)
    askHere()
  }

  play.onclick = () => (state.timer ? stop() : start())
  back.onclick = () => goTo(state.row - 1)
  forward.onclick = () => goTo(state.row + 1)
  slider.oninput = () => goTo(Number(slider.value))
  return film
}
