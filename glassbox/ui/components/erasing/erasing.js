// A picture and a curve: dragging along the curve erases the picture's pixels, or puts them in.
import { bytes, typedArray } from "../_shared/arrays.js"
import { mix, themeColours } from "../_shared/colours.js"
import { element, remembered, svgElement } from "../_shared/dom.js"
import { clamp, fill, sentences, tickPercent } from "../_shared/numbers.js"
import { changedCount, changedPicture, placeAt } from "./erase.js"

const [LEFT, RIGHT, TOP, FOOT] = [44, 12, 8, 40]
const TINT = 0.22 // of an erased pixel, so that it is seen where it was

export default function ({ data, parentElement }) {
  remembered(parentElement.querySelector(".erasing"), createErasing).show(data)
}

function createErasing(root) {
  const find = (name) => root.querySelector(name)
  const [ways, canvas, said, legend, svg, slider, hint] = [
    ".ways",
    "canvas",
    "p",
    "figcaption",
    "svg",
    "input",
    "small",
  ].map(find)
  // `way`: the index of the one that is shown; `at`: the place on its curve.
  const state = { data: null, pixels: null, of: "", way: 0, at: 0, width: 0, theme: null, rule: null, dot: null }

  function show(data) {
    const of = data.order + data.picture + data.start
    if (of !== state.of) Object.assign(state, { of, at: 0, way: 0 })
    const pixels = {
      picture: bytes(data.picture),
      start: bytes(data.start),
      order: typedArray(data.order, Uint16Array),
    }
    Object.assign(state, { data, pixels, theme: themeColours(root) })
    hint.textContent = data.words.hint
    slider.setAttribute("aria-label", data.words.slider)
    ways.setAttribute("aria-label", data.words.ways)
    ways.replaceChildren(
      ...data.ways.map(({ title }, i) => {
        const button = element("button", "", null, title)
        button.type = "button"
        button.onclick = () => choose(i)
        return button
      }),
    )
    choose(state.way, state.at)
  }

  function choose(way, at = 0) {
    const { data } = state
    Object.assign(state, { way, at: clamp(at, 0, data.ways[way].said.length - 1) })
    ;[...ways.children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === way)))
    slider.max = data.ways[way].said.length - 1
    legend.replaceChildren()
    for (const { name, colour, dash } of data.ways[way].lines) {
      const item = element("span", "", legend)
      const line = element("i", "", item)
      line.style.borderColor = colour
      line.style.borderTopStyle = dash ? (dash.startsWith("1") ? "dotted" : "dashed") : "solid"
      item.append(name)
    }
    draw()
  }

  function draw() {
    const { data, way } = state
    state.width = svg.clientWidth
    if (!data || !state.width) return
    const { lines, axis } = data.ways[way]
    const height = svg.clientHeight
    const [right, low] = [state.width - RIGHT, height - FOOT]
    const x = (share) => LEFT + share * (right - LEFT)
    const y = (share) => low - share * (low - TOP)
    svg.replaceChildren()
    for (const share of [0, 0.5, 1]) {
      svgElement("line", { class: "line", x1: LEFT, x2: right, y1: y(share), y2: y(share) }, svg)
      svgElement("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, svg, tickPercent(share))
      svgElement("text", { x: x(share), y: low + 17, "text-anchor": "middle" }, svg, tickPercent(share))
    }
    svgElement("text", { x: (LEFT + right) / 2, y: height - 4, "text-anchor": "middle" }, svg, axis)
    ;[...lines].reverse().forEach(({ values, colour, dash }) => {
      const points = values.map((value, i) => `${x(i / (values.length - 1)).toFixed(1)},${y(value).toFixed(1)}`)
      if (!dash)
        svgElement(
          "polygon",
          { class: "area", fill: colour, points: [`${LEFT},${low}`, ...points, `${right},${low}`].join(" ") },
          svg,
        )
      svgElement(
        "polyline",
        { class: "curve", stroke: colour, "stroke-dasharray": dash, points: points.join(" ") },
        svg,
      )
    })
    state.rule = svgElement("line", { class: "rule", y1: TOP, y2: low }, svg)
    state.dot = svgElement("circle", { class: "dot", r: 7, fill: lines[0].colour }, svg)
    Object.assign(state, { x, y })
    seek(state.at)
  }

  function seek(at) {
    const { data, pixels, way } = state
    const { erases, lines, read, said: shares } = data.ways[way]
    const { words, label } = data
    const last = shares.length - 1
    state.at = clamp(at, 0, last)
    slider.value = state.at
    const across = state.x(state.at / last)
    state.rule.setAttribute("x1", across)
    state.rule.setAttribute("x2", across)
    state.dot.setAttribute("cx", across)
    state.dot.setAttribute("cy", state.y(lines[0].values[state.at]))
    const count = changedCount(state.at, last, pixels.order.length)
    paint(count, erases)
    const other = read[state.at] !== label
    said.className = other ? "other" : ""
    root.style.setProperty("--read", lines[0].colour)
    const numbers = { count, total: pixels.order.length, label, read: read[state.at], share: shares[state.at] }
    said.replaceChildren(
      element("b", "", null, read[state.at]),
      sentences(fill(other ? words.reads : words.still, numbers), fill(words.shown, numbers)),
    )
    slider.setAttribute("aria-valuetext", said.textContent)
    canvas.setAttribute("aria-label", `${data.ways[way].alt}. ${said.textContent}`)
  }

  function paint(count, erases) {
    const { pixels, theme } = state
    const context = canvas.getContext("2d")
    const image = context.createImageData(28, 28)
    const shown = changedPicture(pixels, count, erases)
    const gone = new Set(erases ? pixels.order.subarray(0, count) : pixels.order.subarray(count))
    shown.forEach((value, i) => {
      const colour = mix(theme.paper, theme.ink, value / 255)
      const seen = gone.has(i) ? mix(colour, theme.positive, TINT) : colour
      image.data.set([...seen, 255], 4 * i)
    })
    context.putImageData(image, 0, 0)
  }

  const under = (event) => {
    const box = svg.getBoundingClientRect()
    seek(placeAt(event.clientX - box.left, LEFT, state.width - RIGHT, Number(slider.max)))
  }
  svg.onpointerdown = (event) => {
    svg.setPointerCapture(event.pointerId)
    under(event)
  }
  svg.onpointermove = (event) => (event.buttons || event.pointerType === "mouse" ? under(event) : null)
  slider.oninput = () => seek(Number(slider.value))
  new ResizeObserver(() => svg.clientWidth !== state.width && draw()).observe(svg)
  return { show }
}
