// A map as SVG: pointing at a country reads it, pressing one picks it.
const SVG = "http://www.w3.org/2000/svg"
const drawn = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-world")
  const svg = root.querySelector("svg"), status = root.querySelector("p")
  for (const [name, colour] of Object.entries(data.colours)) root.style.setProperty(`--${name}`, colour)
  root.classList.toggle("dark", isDark(root))
  const text = JSON.stringify(data.countries)
  if (drawn.get(root) !== text) {
    drawn.set(root, text)
    svg.setAttribute("viewBox", `0 0 ${data.box[0]} ${data.box[1]}`)
    svg.replaceChildren(...data.countries.map(shape))
    scale(root.querySelector(".scale"), data.scale)
  }
  svg.setAttribute("aria-label", data.alt)
  for (const one of svg.children) {
    const chosen = one.dataset.code === data.chosen
    one.classList.toggle("chosen", chosen)
  }
  const chosen = svg.querySelector(".chosen")
  if (chosen) svg.append(chosen) // above its neighbours' borders
  const read = (event) => {
    const country = event.target.closest(".country")
    status.textContent = country ? country.dataset.said : (svg.querySelector(".chosen")?.dataset.said ?? data.hint)
  }
  svg.onpointermove = svg.onpointerleave = read
  svg.onclick = (event) => {
    read(event)
    const country = event.target.closest(".country")
    if (country) setTriggerValue("picked", country.dataset.code)
  }
  status.textContent = chosen?.dataset.said ?? data.hint
}

function shape({ code, said, share, path, dot }) {
  const made = document.createElementNS(SVG, path ? "path" : "circle")
  if (path) made.setAttribute("d", path)
  else for (const [name, value] of Object.entries({ cx: dot[0], cy: dot[1], r: 4.5 })) made.setAttribute(name, value)
  made.setAttribute("class", share === null ? "country bare" : "country")
  if (share !== null) made.style.setProperty("--share", share)
  Object.assign(made.dataset, { code, said })
  return made
}

function scale(place, [title, ...marks]) {
  const words = document.createElement("span"), numbers = document.createElement("div")
  words.textContent = title
  numbers.append(...marks.map((mark) => Object.assign(document.createElement("span"), { textContent: mark })))
  place.replaceChildren(words, document.createElement("i"), numbers)
}

// Whether the paper is darker than the ink.
function isDark(root) {
  const light = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
  return light(getComputedStyle(root).color) > 380
}
