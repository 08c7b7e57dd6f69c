// The shares follow the slider while it moves; the page hears of the temperature once it is let go.
import { element, remembered } from "../_shared/dom.js"
import { clamp, fill, percent } from "../_shared/numbers.js"
import { chosenAt, sharesAt } from "./shares.js"

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

  function show(given) {
    data = given
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
    slider.value = clamp(data.chosen ?? data.own, min, max)
    paint(data.chosen)
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
    board.choose(temperature)
  }

  slider.oninput = () => paint(chosenAt(Number(slider.value), data.own, data.ends[2]))
  slider.onchange = () => board.choose(chosen)
  own.onclick = () => choose(null)
  plain.onclick = () => choose(1)
  return board
}
