// Heads' patterns, guesses and curves at steps of the training; a slider goes through the steps.
import { bytes } from "../_shared/arrays.js"
import { exploreCells } from "../_shared/cells.js"
import { mix, themeColours } from "../_shared/colours.js"
import { element, remembered } from "../_shared/dom.js"
import { clamp, fill, percent } from "../_shared/numbers.js"
import { createChart } from "./chart.js"

const PACE = 700 // milliseconds a step

export default function ({ data, parentElement, setTriggerValue }) {
  const film = remembered(parentElement.querySelector(".film"), createFilm)
  film.send = (event, number) => setTriggerValue(event, { number })
  film.show(data)
  return () => film.pause()
}

function createFilm(root) {
  const [play, slider, output, said, charts, text, readout, heads] = [
    ".play",
    "input",
    "output",
    ".said",
    ".charts",
    ".text",
    ".readout",
    ".heads",
  ].map((name) => root.querySelector(name))
  const film = { send: null, show, pause }
  // `at`: the head, the row and the column that are pointed at, or null.
  // `asked`: the step that the page asked for; `sent`: the one that it was last told of.
  const state = { data: null, drawn: "", theme: null, step: 0, asked: null, sent: null, at: null, timer: null }
  Object.assign(state, { charts: [], tiles: [] })
  const rows = {}

  function show(data) {
    state.theme = themeColours(root)
    const drawn = JSON.stringify({ ...data, step: 0 })
    if (data.step !== state.asked && data.step !== state.sent) state.step = data.step
    Object.assign(state, { data, asked: data.step })
    if (drawn !== state.drawn) {
      state.drawn = drawn
      state.shares = bytes(data.shares)
      state.patterns = bytes(data.patterns)
      const focused = state.tiles.findIndex(({ button }) => button === root.getRootNode().activeElement)
      build()
      state.tiles[focused]?.button.focus()
    }
    seek(state.step)
  }

  function build() {
    const { steps, letters, words } = state.data
    slider.max = steps.length - 1
    slider.setAttribute("aria-label", words.step.split("{step}")[0])
    charts.replaceChildren()
    state.charts = state.data.charts.map((chart) => createChart(chart, { steps, axis: words.axis }, charts))
    text.replaceChildren()
    for (const name of ["read", "says"]) {
      element("span", "", text, words[name])
      rows[name] = letters.map(() => null)
      const list = element("ol", `row ${name}`, text)
      letters.forEach((letter, i) => {
        rows[name][i] = element("li", "", list, name === "read" ? letter : "")
      })
    }
    heads.replaceChildren()
    state.tiles = state.data.heads.map(createTile)
    pause()
    point(null)
  }

  function createTile(head, number) {
    const { letters, words } = state.data
    const tile = element("section", head.off ? "head off" : "head", heads)
    const header = element("header", "", tile)
    element("b", "", header, head.name)
    const button = element("button", "", header, head.off ? words.off : words.on)
    button.type = "button"
    button.setAttribute("aria-pressed", String(head.off))
    button.setAttribute("aria-label", `${head.name}: ${head.off ? words.off : words.on}`)
    button.onclick = () => film.send("switched", number)
    element("p", "role", tile, head.role)
    const canvas = element("canvas", "", tile)
    const count = letters.length
    Object.assign(canvas, { width: count, height: count })
    canvas.setAttribute("aria-label", `${fill(words.pattern, { head: head.name })} ${words.explore}`)
    exploreCells(canvas, {
      rows: count,
      columns: count,
      at: () => (state.at?.number === number ? [state.at.row, state.at.column] : null),
      point: (cell) => point(cell && { number, row: cell[0], column: Math.min(cell[0], cell[1]) }),
    })
    return { canvas, button, told: element("p", "", tile) }
  }

  const share = (number, row, column) => {
    const count = state.data.letters.length
    return state.patterns[((state.step * state.data.heads.length + number) * count + row) * count + column] / 255
  }

  // Read out the cell that is pointed at, and shade the letters by what the head pays them there.
  function point(at) {
    const { letters, heads: all, words } = state.data
    state.at = at
    rows.read.forEach((item, i) => {
      item.classList.toggle("here", at?.row === i)
      item.style.setProperty("--paid", at && i <= at.row ? share(at.number, at.row, i) : 0)
    })
    if (!at) {
      readout.textContent = words.hint
      return
    }
    const { number, row, column } = at
    readout.textContent = `${fill(words.curve, {
      head: all[number].name,
      letter: letters[row],
      place: row + 1,
      other: letters[column],
      other_place: column + 1,
      share: percent(share(number, row, column)),
    })} ${guess(row)}`
  }

  function guess(row) {
    const { guesses, following, words, letters } = state.data
    const p = state.shares[state.step * letters.length + row] / 255
    return fill(words.guess, { letter: guesses[state.step][row], right: following[row], share: percent(p) })
  }

  function seek(step) {
    const { data } = state
    state.step = clamp(step, 0, data.steps.length - 1)
    slider.value = state.step
    output.textContent = fill(data.words.step, { step: data.steps[state.step].toLocaleString("en") })
    said.textContent = data.said[state.step]
    slider.setAttribute("aria-valuetext", `${output.textContent}. ${said.textContent}`)
    for (const chart of state.charts) chart.seek(state.step)
    rows.says.forEach((item, i) => {
      const letter = data.guesses[state.step][i]
      item.textContent = letter
      const wrong = data.told[i] && letter !== data.following[i]
      item.className = wrong ? "wrong" : data.told[i] ? "" : "untold"
      item.style.setProperty("--share", state.shares[state.step * data.letters.length + i] / 255)
    })
    state.tiles.forEach(({ canvas, told }, number) => {
      paint(canvas, number)
      told.textContent = data.heads[number].said[state.step]
    })
    if (state.at) point(state.at)
  }

  function paint(canvas, number) {
    const { theme } = state
    const context = canvas.getContext("2d")
    const image = context.createImageData(canvas.width, canvas.height)
    for (let row = 0; row < canvas.height; row++)
      for (let column = 0; column < canvas.width; column++) {
        const colour =
          column > row
            ? mix(theme.paper, theme.ink, 0.06)
            : mix(theme.paper, theme.positive, share(number, row, column))
        image.data.set([...colour, 255], 4 * (row * canvas.width + column))
      }
    context.putImageData(image, 0, 0)
  }

  function pause() {
    clearInterval(state.timer)
    state.timer = null
    if (state.data) play.textContent = `▶ ${state.data.words.play}`
  }

  function stop() {
    pause()
    state.sent = state.step
    film.send("step", state.step)
  }

  play.onclick = () => {
    if (state.timer) return stop()
    const last = state.data.steps.length - 1
    if (state.step === last) seek(0)
    state.timer = setInterval(() => {
      seek(state.step + 1)
      if (state.step === last) stop()
    }, PACE)
    play.textContent = `❚❚ ${state.data.words.pause}`
  }
  slider.oninput = () => {
    pause()
    seek(Number(slider.value))
  }
  slider.onchange = stop
  return film
}
