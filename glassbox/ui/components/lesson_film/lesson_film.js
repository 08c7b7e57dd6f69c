// A lesson as a film: bars, the loss, and a wall of old digits. The page is told nothing: all frames are here.
import { exploreCells } from "../_shared/cells.js"
import { element, remembered, svgElement } from "../_shared/dom.js"
import { clamp, fill, number, sentences } from "../_shared/numbers.js"
import { beginning, countFrame, decodeFrames, frameTime } from "./lesson.js"

export default function ({ data, parentElement }) {
  const film = remembered(parentElement.querySelector(".gb-film"), createFilm)
  film.show(data)
}

function createFilm(root) {
  const find = (name) => root.querySelector(name)
  const [play, slider, output, caption, svg] = ["button", "input", ".gb-film-step", "figcaption", "svg"].map(find)
  const [list, wall, told] = ["bars", "wall", "told"].map((name) => find(`.gb-film-${name}`))
  const still = window.matchMedia("(prefers-reduced-motion: reduce)")
  // `shown`: which lesson is shown and how many frames it had; `pointed`: the row and the column pointed at, or null.
  const state = {
    data: null,
    frames: [],
    at: 0,
    shown: null,
    timer: null,
    pointed: null,
    cells: [],
    rows: [],
    bars: [],
  }

  function show(data) {
    const { of, frames } = data
    const { at, plays } = beginning(state.shown, data)
    const grown = !state.shown || of !== state.shown.of || frames.length !== state.shown.count
    Object.assign(state, { data, frames: decodeFrames(frames), shown: { of, count: frames.length } })
    root.style.setProperty("--colour", data.colour)
    slider.max = frames.length - 1
    slider.disabled = play.disabled = frames.length < 2
    slider.setAttribute("aria-label", data.words.slider)
    build()
    if (!grown) return seek(Math.min(state.at, frames.length - 1))
    pause()
    seek(plays && !still.matches ? at : frames.length - 1)
    if (plays && !still.matches) start(frames.length - 1 - at)
  }

  function build() {
    const { labels, practised, pictures, words, frames } = state.data
    const columns = labels.filter((label) => label === labels[0]).length
    const rows = labels.length / columns
    if (state.bars.length !== frames[0].shares.length) {
      list.replaceChildren()
      state.bars = frames[0].shares.map((_, digit) => {
        const item = element("li", "", list)
        const bar = { item, bar: element("i", "", item), value: element("b", "", item) }
        item.append(String(digit))
        return bar
      })
    }
    if (state.cells.length !== labels.length) {
      wall.replaceChildren()
      Object.assign(state, { cells: [], rows: [] })
      wall.style.setProperty("--columns", columns)
      wall.style.setProperty("--rows", rows)
      labels.forEach((_, i) => {
        const cell = element("i", "", wall)
        cell.style.setProperty("--x", (i % columns) / (columns - 1))
        cell.style.setProperty("--y", Math.floor(i / columns) / (rows - 1))
        state.cells.push(cell)
        if (i % columns === columns - 1) state.rows.push(element("span", "", wall))
      })
      exploreCells(wall, { rows, columns, at: () => state.pointed, point })
      wall.onpointermove = wall.onpointerdown = (event) => pointUnder(event, columns)
    }
    wall.style.setProperty("--pictures", `url("${pictures}")`)
    state.cells.forEach((cell, i) => cell.classList.toggle("gb-practised", practised.includes(i)))
    list.setAttribute("aria-label", words.bars)
    drawLoss()
  }

  // Not by the place alone: the counts at the end of each row are no column of digits.
  function pointUnder(event, columns) {
    const i = state.cells.indexOf(event.target)
    point(i < 0 ? null : [Math.floor(i / columns), i % columns])
  }

  function drawLoss() {
    const { frames } = state
    svg.replaceChildren()
    const most = Math.max(...frames.map(({ loss }) => loss), 1e-9)
    const last = Math.max(1, frames.length - 1)
    state.points = frames.map(({ loss }, i) => `${i / last},${1 - loss / most}`)
    svgElement("polyline", { class: "gb-ahead", points: state.points.join(" ") }, svg)
    state.gone = svgElement("polyline", {}, svg)
    state.rule = svgElement("line", { y1: 0, y2: 1 }, svg)
  }

  function seek(at) {
    const { data, frames, bars, cells, rows } = state
    const { words, label, labels } = data
    state.at = clamp(at, 0, frames.length - 1)
    const [first, now] = [frames[0], frames[state.at]]
    slider.value = state.at
    output.textContent = fill(words.step, { step: now.step })
    slider.setAttribute("aria-valuetext", output.textContent)
    bars.forEach(({ item, bar, value }, digit) => {
      bar.style.setProperty("--share", now.shares[digit])
      bar.style.setProperty("--before", first.shares[digit])
      item.classList.toggle("gb-taught", digit === label)
      value.textContent = digit === label ? now.said : ""
    })
    caption.textContent = fill(words.loss, { loss: number(now.loss) })
    svg.setAttribute("aria-label", caption.textContent)
    state.gone.setAttribute("points", state.points.slice(0, state.at + 1).join(" "))
    state.rule.setAttribute("x1", state.at / Math.max(1, frames.length - 1))
    state.rule.setAttribute("x2", state.at / Math.max(1, frames.length - 1))
    const counts = countFrame(labels, first, now)
    cells.forEach((cell, i) => {
      const wrong = now.read[i] !== labels[i]
      cell.classList.toggle("gb-dim", wrong)
      cell.textContent = wrong ? String(now.read[i]) : ""
    })
    const each = labels.length / rows.length
    rows.forEach((row, digit) => {
      row.textContent = fill(words.of, { right: counts.rows[digit], count: each })
    })
    const said = counts.rows.map((right, digit) => fill(words.row, { digit, right, count: each })).join(", ")
    wall.setAttribute("aria-label", fill(words.wall, { said }))
    tell(counts)
  }

  // Say what the wall shows, or what the digit pointed at is read as.
  function tell(counts = countFrame(state.data.labels, state.frames[0], state.frames[state.at])) {
    const { data, frames, pointed, cells } = state
    const { words, labels, practised } = data
    const columns = labels.length / state.rows.length
    const i = pointed ? pointed[0] * columns + pointed[1] : -1
    cells.forEach((cell, k) => cell.classList.toggle("gb-here", k === i))
    if (i < 0) {
      told.textContent = sentences(fill(words.told, { ...counts, count: labels.length }), words.hint)
      return
    }
    const [before, after] = [frames[0].read[i], frames[state.at].read[i]]
    const line = fill(words.digit, { label: labels[i], before, after })
    told.textContent = practised.includes(i) ? sentences(line, words.practised) : line
  }

  function point(cell) {
    state.pointed = cell
    tell()
  }

  function start(count) {
    clearInterval(state.timer)
    state.timer = setInterval(() => {
      if (state.at >= state.frames.length - 1 || !root.isConnected) return pause()
      seek(state.at + 1)
    }, frameTime(count))
    writePlay()
  }

  function pause() {
    clearInterval(state.timer)
    state.timer = null
    if (state.data) writePlay()
  }

  function writePlay() {
    const { words } = state.data
    told.setAttribute("aria-live", state.timer ? "off" : "polite") // not each frame is read out
    play.textContent = state.timer ? `❚❚ ${words.pause}` : `▶ ${words.play}`
  }

  play.onclick = () => {
    if (state.timer) return pause()
    const last = state.frames.length - 1
    if (state.at === last) seek(0)
    start(last - state.at)
  }
  slider.oninput = () => {
    pause()
    seek(Number(slider.value))
  }
  return { show }
}
