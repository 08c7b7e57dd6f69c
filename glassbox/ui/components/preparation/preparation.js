// The steps from a picture to the digit as pictures, and the digit as 28 x 28 pixels that tell their value.
import { exploreCells, paintGrey } from "../_shared/cells.js"
import { element, remembered } from "../_shared/dom.js"
import { fill } from "../_shared/numbers.js"
import { createBoxes } from "./boxes.js"

const SIDE = 28

export default function ({ data, parentElement, setTriggerValue }) {
  const steps = remembered(parentElement.querySelector(".gb-preparation"), createSteps)
  steps.boxes.choose = (index) => setTriggerValue("chosen", index)
  steps.show(data)
}

function createFigure(kind, tag) {
  const item = element("li", kind)
  const frame = element("div", "gb-frame", item)
  const picture = element(tag, "", frame)
  const caption = element("p", "", item)
  const name = element("b", "", caption)
  const done = element("span", "", caption)
  return { item, frame, picture, name, done }
}

function createSteps(list) {
  const figures = []
  const digit = createFigure("gb-digit", "canvas")
  const canvas = digit.picture
  const state = { data: null, at: null }
  const boxes = createBoxes()
  Object.assign(canvas, { width: SIDE, height: SIDE })

  function show(data) {
    Object.assign(state, { data, at: null })
    while (figures.length > data.steps.length) figures.pop().item.remove()
    while (figures.length < data.steps.length) figures.push(createFigure("", "img"))
    data.steps.forEach((step, i) => {
      const figure = figures[i]
      figure.frame.className = `gb-frame gb-${step.kind}`
      Object.assign(figure.picture, { src: step.source, alt: `${step.name}. ${step.done}` })
      figure.name.textContent = step.name
      figure.done.textContent = step.done
      if (list.children[i] !== figure.item) list.insertBefore(figure.item, list.children[i] ?? null)
    })
    if (figures.length) boxes.show(figures[0], data)
    if (list.lastChild !== digit.item) list.append(digit.item)
    list.classList.toggle("gb-alone", !data.steps.length)
    digit.name.textContent = data.digit.name
    canvas.setAttribute("aria-label", `${data.digit.name}. ${data.digit.done}. ${data.words.explore}`)
    paint()
  }

  function paint() {
    paintGrey(canvas, state.data.digit.values.flat(), state.at)
    digit.done.textContent = state.at ? said(state.at) : state.data.digit.done
  }

  function said([row, column]) {
    const value = state.data.digit.values[row][column]
    return fill(state.data.words.pixel, { row: row + 1, column: column + 1, value, share: (value / 255).toFixed(3) })
  }

  function point(at) {
    state.at = at
    paint()
  }

  exploreCells(canvas, { rows: SIDE, columns: SIDE, at: () => state.at, point })
  digit.done.setAttribute("role", "status")
  return { show, boxes }
}
