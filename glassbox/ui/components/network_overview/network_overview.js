// The layers of a network in a row; a click tells which part of which layer it was on, and leads there.
import { element } from "../_shared/dom.js"
import { partAt } from "./parts.js"

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".overview")
  list.setAttribute("aria-label", data.about)
  list.replaceChildren(...data.layers.map((layer, at) => createLayer(layer, at, setTriggerValue)))
}

function createLayer(layer, at, tell) {
  const item = element("li")
  const share = layer.width / layer.height
  item.style.setProperty("--share", Math.max(1, share))
  const button = element("button", "", item)
  const picture = element("img", share > 1.2 ? "wide" : "", element("span", "frame", button))
  Object.assign(picture, { src: layer.source, alt: layer.alt })
  element("b", "", button, layer.title)
  element("small", "", button, layer.shape)
  button.type = "button"
  button.onclick = (event) => {
    const box = picture.getBoundingClientRect()
    const keyboard = event.detail === 0
    const shares = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    tell("picked", { layer: at, part: keyboard ? 0 : partAt(shares, layer) })
    goTo(layer.leads_to)
  }
  return item
}

function goTo(container) {
  const part = document.querySelector(`.st-key-${CSS.escape(container)}`)
  if (!part) return
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  part.style.scrollMarginTop = "4.5rem" // below Streamlit's own bar
  part.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" })
}
