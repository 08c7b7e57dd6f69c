// A map as SVG: pointing at a country reads it, pressing one picks it.
import { isDark, themeColours } from "../_shared/colours.js"
import { element, remembered, svgElement } from "../_shared/dom.js"

export default function ({ data, parentElement, setTriggerValue }) {
  const map = remembered(parentElement.querySelector(".gb-world"), createMap)
  map.pick = (code) => setTriggerValue("picked", code)
  map.show(data)
}

function createMap(root) {
  const svg = root.querySelector("svg")
  const status = root.querySelector("p")
  const map = { show, pick: null }
  const state = { data: null, drawn: "" }

  function show(data) {
    state.data = data
    for (const [name, colour] of Object.entries(data.colours)) root.style.setProperty(`--${name}`, colour)
    root.classList.toggle("dark", isDark(themeColours(root)))
    const drawn = JSON.stringify(data.countries)
    if (state.drawn !== drawn) {
      state.drawn = drawn
      svg.setAttribute("viewBox", `0 0 ${data.box[0]} ${data.box[1]}`)
      svg.replaceChildren(...data.countries.map(createCountry))
      writeScale(root.querySelector(".scale"), data.scale)
    }
    svg.setAttribute("aria-label", data.alt)
    for (const country of svg.children) country.classList.toggle("chosen", country.dataset.code === data.chosen)
    const chosen = chosenCountry()
    if (chosen) svg.append(chosen) // above its neighbours' borders
    read(chosen)
  }

  const chosenCountry = () => svg.querySelector(".chosen")
  const read = (country) => (status.textContent = (country ?? chosenCountry())?.dataset.said ?? state.data.hint)

  svg.onpointermove = svg.onpointerleave = (event) => read(event.target.closest(".country"))
  svg.onclick = (event) => {
    const country = event.target.closest(".country")
    read(country)
    if (country) map.pick(country.dataset.code)
  }
  return map
}

function createCountry({ code, said, share, path, dot }) {
  const made = path ? svgElement("path", { d: path }) : svgElement("circle", { cx: dot[0], cy: dot[1], r: 4.5 })
  made.setAttribute("class", share === null ? "country bare" : "country")
  if (share !== null) made.style.setProperty("--share", share)
  Object.assign(made.dataset, { code, said })
  return made
}

function writeScale(place, [title, ...marks]) {
  place.replaceChildren()
  element("span", "", place, title)
  element("i", "", place)
  const numbers = element("div", "", place)
  for (const mark of marks) element("span", "", numbers, mark)
}
