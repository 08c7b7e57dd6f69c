// A tiny transformer in training. The server trains and answers; the browser draws what it sends and asks for more.
import { themeColours } from "../_shared/colours.js"
import { element, remembered, svgElement } from "../_shared/dom.js"
import { fill, measured, percent, steadyNumber } from "../_shared/numbers.js"
import { createTrainingBar } from "../_shared/training_bar.js"
import { drawArcs, drawCurves, drawMap } from "./drawing.js"
import { answering, question } from "./layout.js"

const STEPS = [1, 10, 50] // of one request
const USUAL_STEPS = 10

export default function ({ data, parentElement, setTriggerValue }) {
  const board = remembered(parentElement.querySelector(".gb-sorting"), createBoard)
  board.requests.send = (request) => setTriggerValue("asked", request)
  board.show(data)
}

function createBoard(root) {
  const find = (name) => root.querySelector(`.gb-sorting-${name}`)
  const input = find("letters").querySelector("input")
  const state = { data: null, picked: null }
  const bar = createTrainingBar(root, { unit: "steps", amounts: STEPS, usual: USUAL_STEPS })
  const { requests } = bar

  function show(data) {
    const other = state.data !== null && state.data.version !== data.version
    const first = state.data === null
    state.data = data
    if (first || other || data.stopped || data.finished) bar.play(false)
    requests.answered(data.answered, other) // asks on before this answer is drawn
    writeBar()
    writeQuestion(first)
    paint()
  }

  function paint() {
    const { data, picked } = state
    drawArcs(find("arcs"), data, picked)
    writeTokens()
    const theme = themeColours(root)
    const box = find("heads")
    while (box.children.length < data.attention.length) {
      const figure = element("figure", "", box)
      element("figcaption", "", figure)
      svgElement("svg", {}, figure)
    }
    while (box.children.length > data.attention.length) box.lastChild.remove()
    for (const [head, figure] of [...box.children].entries()) {
      const caption = figure.querySelector("figcaption")
      caption.textContent = fill(data.words.head, { number: head + 1 })
      caption.style.setProperty("--head", data.colours[head])
      drawMap(figure.querySelector("svg"), data, head, theme, (said) => {
        find("value").textContent = said
      })
    }
    drawCurves(find("curves"), data)
  }

  function writeBar() {
    const { words, history, steps, stopped, finished, most } = state.data
    const figures = [
      [words.steps, steps.toLocaleString("en")],
      [words.loss, steadyNumber(history.losses.at(-1))],
      [words.accuracy, measured(history.accuracies.at(-1))],
    ]
    const said = stopped ?? (finished ? fill(words.finished, { most: most.toLocaleString("en") }) : "")
    bar.write(words, { figures, said, finished })
  }

  function writeQuestion(first) {
    const { words, letters, unseen } = state.data
    find("letters").querySelector("span").textContent = words.letters
    if (first || document.activeElement !== input) input.value = letters
    writeHint(unseen ? words.unseen : words.seen)
  }

  function writeHint(words) {
    const hint = find("letters").querySelector("small")
    if (hint.textContent !== words) hint.textContent = words
  }

  function writeTokens() {
    const { data, picked } = state
    const row = find("tokens")
    while (row.children.length < data.read.length) row.append(tokenButton(row.children.length))
    for (const [i, button] of [...row.children].entries()) {
      button.textContent = data.read[i]
      button.setAttribute("aria-pressed", i === picked)
      button.setAttribute("aria-label", fill(data.words.looks, { token: data.read[i], place: i + 1 }))
    }
    const first = answering(data)[0]
    const written = data.answer.map(({ letter, share, right }, k) => {
      const cell = element("span", right ? "gb-right" : "gb-wrong")
      cell.style.gridColumn = first + k + 1
      element("span", "", element("b", "", cell, "↓ "), letter)
      element("small", "", cell, `${right ? "✓" : "✗"} ${percent(share)}`)
      cell.title = right ? data.words.right : data.words.wrong
      return cell
    })
    const label = element("span", "gb-sorting-label", null, data.words.writes)
    label.style.gridColumn = `1 / ${first + 1}`
    find("answer").replaceChildren(label, ...written)
    find("legend").textContent = data.words.reads
  }

  function tokenButton(i) {
    const button = element("button")
    button.type = "button"
    const look = (at) => {
      state.picked = at
      drawArcs(find("arcs"), state.data, state.picked)
      for (const [k, one] of [...find("tokens").children].entries()) one.setAttribute("aria-pressed", k === at)
    }
    button.onclick = () => look(state.picked === i ? null : i)
    return button
  }

  input.oninput = () => {
    const letters = question(input.value, state.data.allowed)
    if (letters === null) writeHint(state.data.words.letters_hint)
    else if (letters !== state.data.letters) requests.ask({ kind: "ask", letters })
  }
  new ResizeObserver(() => state.data && drawArcs(find("arcs"), state.data, state.picked)).observe(find("arcs"))
  return { show, requests }
}
