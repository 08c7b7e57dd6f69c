// The shares follow the slider while it moves; the page hears of the temperature once it has been left alone for a moment:
// an arrow key that is held down moves it thirty times a second.
import { element, remembered } from "../_shared/dom.js"
import { clamp, fill, percent } from "../_shared/numbers.js"
import { chosenAt, sharesAt } from "./shares.js"

const SETTLED = 250 // milliseconds

export default function ({ data, parentElement, setTriggerValue }) {
  const board = remembered(parentElement.querySelector(".temperature"), createTemperature)
  board.choose = (temperature) => setTriggerValue("chosen", { temperature })
  board.show(data)
}

function createTemperature(root) {
  const [name, slider, said, own, plain, list] = ["label span", "input", "output", ".own", ".plain", "ol"].map(
    (place) => root.querySelector(place),
  )
  const board = { choose: null, show }
  let data = null
  let chosen = null
  let settling = null

  function show(given) {
    data = given
    const moving = settling !== null // what comes meanwhile does not know of it
    const [min, max, step] = data.ends
    Object.assign(slider, { min, max, step })
    name.textContent = data.words.name
    own.textContent = fill(data.words.own, { temperature: data.own.toFixed(2) })
    plain.textContent = data.words.plain
    plain.hidden = data.own === 1
    root.style.setProperty("--colour", data.colour)
    list.replaceChildren()
    for (const label of data.labels) {
      const bar = element("li", "", list)
      element("small", "", bar)
      element("i", "", bar)
      bar.append(label)
    }
    if (!moving) slider.value = clamp(data.chosen ?? data.own, min, max)
    paint(moving ? chosen : data.chosen)
  }

  function paint(temperature) {
    chosen = temperature
    const value = temperature ?? data.own
    const shares = sharesAt(data.scores, value)
    const top = shares.indexOf(Math.max(...shares))
    said.textContent = `T = ${value.toFixed(2)}`
    own.setAttribute("aria-pressed", String(temperature === null))
    plain.setAttribute("aria-pressed", String(value === 1))
    const words = fill(data.words.share, { label: data.labels[top], share: percent(shares[top]) })
    slider.setAttribute("aria-valuetext", `${said.textContent}, ${words}`)
    for (const [k, bar] of [...list.children].entries()) {
      bar.classList.toggle("top", k === top)
      bar.style.setProperty("--share", shares[k])
      bar.querySelector("small").textContent = percent(shares[k])
    }
  }

  function choose(temperature) {
    slider.value = temperature ?? data.own
    paint(temperature)
    settle()
  }

  function settle() {
    clearTimeout(settling)
    settling = setTimeout(() => {
      settling = null
      board.choose(chosen)
    }, SETTLED)
  }

  slider.oninput = () => {
    clearTimeout(settling)
    settling = -1
    paint(chosenAt(Number(slider.value), data.own, data.ends[2]))
  }
  slider.onchange = settle
  own.onclick = () => choose(null)
  plain.onclick = () => choose(1)
  return board
}
