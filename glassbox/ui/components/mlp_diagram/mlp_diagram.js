// Pixels, neurons and outputs, and the links that carry most. At rest the picked neuron's links stand out; pointing at
// another neuron, or at an output, shows its own.
import { arrowStep, paintGrey } from "../_shared/cells.js"
import { element, remembered, setAttributes, svgElement } from "../_shared/dom.js"
import { clamp, fill, number } from "../_shared/numbers.js"
import { barLine, edgeOf, landscape, outputEdge, pixelAt, portrait } from "./layout.js"

const SIDE = 28
const NARROW = 480
const LINKS_OF_OUTPUT = 24
const WIDEST = 7 // of a link

export default function ({ data, parentElement, setTriggerValue }) {
  const diagram = remembered(parentElement.querySelector(".mlp-diagram"), createDiagram)
  diagram.tell = setTriggerValue
  diagram.show(data)
}

function createDiagram(figure) {
  const root = figure.querySelector("svg")
  const caption = figure.querySelector("figcaption")
  const state = { data: null, made: "", layout: null, pointed: null, neurons: [], outputs: [] }
  const diagram = { show, tell: null }

  function show(data) {
    state.data = data
    layOut()
    paint()
  }

  // Build the drawing anew when its orientation or the number of neurons changes.
  function layOut() {
    const narrow = figure.clientWidth > 0 && figure.clientWidth < NARROW
    const units = state.data.hidden.length
    const made = `${narrow} ${units}`
    if (state.made === made) return
    const layout = (narrow ? portrait : landscape)(units, SIDE)
    Object.assign(state, { made, layout })
    root.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`)
    root.replaceChildren()
    state.titles = layout.titles.map(([x, y, anchor]) =>
      svgElement("text", { x, y, "text-anchor": anchor, class: "layer" }, root),
    )
    createDigit(layout)
    state.all = svgElement("g", { class: "all" }, root)
    state.one = svgElement("g", { class: "one" }, root)
    state.group = svgElement("g", { class: "neurons", tabindex: 0, role: "slider", "aria-valuemin": 1 }, root)
    const gap = layout.radius + 5
    const [[left, top], [right, bottom]] = [layout.neuron(0), layout.neuron(units - 1)]
    const box = { x: left - gap, y: top - gap, width: right - left + 2 * gap, height: bottom - top + 2 * gap }
    svgElement("rect", { ...box, rx: 8, fill: "none" }, state.group)
    state.neurons = state.data.hidden.map((_, j) => createNeuron(j))
    state.outputs = state.data.logits.map((_, k) => createOutput(k))
    Object.assign(state.group, {
      onkeydown: steer,
      onfocus: () => state.group.matches(":focus-visible") && point({ neuron: state.data.picked }),
      onblur: () => point(null),
    })
  }

  function createDigit({ digit, cell }) {
    const [x, y] = digit
    const holder = svgElement("foreignObject", { x, y, width: SIDE * cell, height: SIDE * cell }, root)
    state.canvas = element("canvas", "digit", holder)
    Object.assign(state.canvas, { width: SIDE, height: SIDE })
  }

  function createNeuron(j) {
    const [x, y] = state.layout.neuron(j)
    const [r, half] = [state.layout.radius, state.layout.radius / 2]
    const group = svgElement("g", { class: "neuron", transform: `translate(${x} ${y})` }, state.group)
    const circle = svgElement("circle", { r }, group)
    svgElement(
      "path",
      { class: "cross", d: `M${-half} ${-half}L${half} ${half}M${half} ${-half}L${-half} ${half}` },
      group,
    )
    group.onpointerenter = (event) => event.pointerType === "mouse" && point({ neuron: j })
    group.onpointerleave = () => point(null)
    group.onclick = () => diagram.tell("picked", j)
    return { group, circle }
  }

  function createOutput(k) {
    const [x, y] = state.layout.output(k)
    const { down, ...bar } = state.layout.bar
    const group = svgElement("g", { class: "output", transform: `translate(${x} ${y})` }, root)
    const label = svgElement("text", { "text-anchor": "middle", y: 6 }, group, k)
    svgElement("rect", { class: "track", ...bar, rx: 3 }, group)
    const now = svgElement("rect", { class: "bar", ...bar, rx: 3 }, group)
    const before = svgElement("line", { class: "before" }, group)
    const target = down ? { x: -18, width: 36, height: 106 } : { x: -12, width: 116, height: 36 }
    svgElement("rect", { ...target, y: -18, fill: "transparent" }, group)
    group.onpointerenter = (event) => event.pointerType === "mouse" && point({ output: k })
    group.onpointerleave = () => point(null)
    group.onclick = () => point(state.pointed?.output === k ? null : { output: k })
    return { label, now, before }
  }

  function point(at) {
    state.pointed = at
    paintPointed()
  }

  function steer(event) {
    const now = state.pointed?.neuron ?? state.data.picked
    const step = arrowStep(event.key)
    if (step) point({ neuron: clamp(now + step[0] * state.layout.across + step[1], 0, state.neurons.length - 1) })
    else if (event.key === "Enter" || event.key === " ") diagram.tell("picked", now)
    else if (event.key === "Delete" || event.key === "Backspace") diagram.tell("switched", now)
    else return
    event.preventDefault()
  }

  function paint() {
    const { data, layout } = state
    paintGrey(state.canvas, data.digit)
    const names = ["pixels", "hidden", "outputs"]
    names.forEach((name, i) => (state.titles[i].textContent = data.words[name]))
    root.setAttribute("aria-label", data.words.explore)
    setAttributes(state.group, { "aria-valuemax": data.hidden.length, "aria-label": data.words.explore })
    paintNeurons()
    paintOutputs()
    state.all.replaceChildren()
    for (const [i, j, product] of data.all_into)
      link(pixelAt(layout, i, SIDE), edgeOf(layout, j, -1), product / data.most_into, state.all)
    for (const [j, k, product] of data.all_out)
      link(edgeOf(layout, j, 1), outputEdge(layout, k), product / data.most_out, state.all)
    paintPointed()
  }

  function paintNeurons() {
    const { data } = state
    const effects = data.shade === "effect"
    const values = effects ? data.effects.map((change) => -change) : data.hidden // orange: the verdict needs it
    const most = Math.max(1e-9, ...values.map(Math.abs))
    const removed = new Set(data.removed)
    state.neurons.forEach(({ group, circle }, j) => {
      const colour = !effects ? "--st-text-color" : values[j] < 0 ? "--gb-negative" : "--gb-positive"
      const share = Math.round((100 * Math.abs(values[j])) / most)
      circle.style.fill = removed.has(j)
        ? ""
        : `color-mix(in srgb, var(${colour}) ${share}%, var(--st-background-color))`
      group.classList.toggle("removed", removed.has(j))
      group.classList.toggle("picked", j === data.picked)
    })
  }

  function paintOutputs() {
    const { data, layout } = state
    const { bar } = layout
    const length = bar.down ? bar.height : bar.width
    const top = data.now.indexOf(Math.max(...data.now))
    state.outputs.forEach(({ label, now, before }, k) => {
      label.setAttribute("class", k === top ? "verdict" : "")
      now.setAttribute(bar.down ? "height" : "width", length * data.now[k])
      setAttributes(before, barLine(layout, data.before[k]))
      before.style.display = data.removed.length && length * data.before[k] > 1 ? "" : "none"
    })
  }

  // The links and the words of the output or the neuron that is pointed at, else of the neuron picked.
  function paintPointed() {
    const { data, pointed } = state
    state.one.replaceChildren()
    state.neurons.forEach(({ group }, j) => group.classList.toggle("pointed", j === pointed?.neuron))
    if (pointed?.output === undefined) paintNeuron(pointed?.neuron ?? data.picked)
    else paintOutput(pointed.output)
  }

  function paintOutput(k) {
    const { data, layout } = state
    const products = data.out.map((row, j) => [j, row[k]]).filter(([, product]) => product)
    products.sort((a, b) => Math.abs(a[1]) - Math.abs(b[1]))
    for (const [j, product] of products.slice(-LINKS_OF_OUTPUT))
      link(edgeOf(layout, j, 1), outputEdge(layout, k), product / data.most_out, state.one)
    caption.textContent = fill(data.words.output, {
      label: k,
      logit: number(data.logits[k]),
      probability: data.now_words[k],
      temperature: data.temperature,
    })
  }

  function paintNeuron(j) {
    const { data, layout } = state
    const [into, out] = [data.into[j], data.out[j]]
    const [mostInto, mostOut] = [into.map(([, , product]) => product), out].map((all) => Math.max(...all.map(Math.abs)))
    const half = layout.cell / 2
    for (const [i, , product] of into) {
      const [x, y] = pixelAt(layout, i, SIDE)
      link([x, y], edgeOf(layout, j, -1), product / mostInto, state.one)
      const style = product < 0 ? "stroke: var(--gb-negative)" : ""
      svgElement(
        "rect",
        { class: "pixel", style, x: x - half, y: y - half, width: 2 * half, height: 2 * half },
        state.one,
      )
    }
    out.forEach(
      (product, k) => product && link(edgeOf(layout, j, 1), outputEdge(layout, k), product / mostOut, state.one),
    )
    const words = data.removed.includes(j) ? data.words.without : data.words.neuron
    const text = fill(words, { number: j + 1, value: number(data.hidden[j]), effect: data.effect_words[j] })
    caption.textContent = text
    setAttributes(state.group, { "aria-valuenow": j + 1, "aria-valuetext": text })
  }

  // `share`: the product as a share of the largest, with its sign.
  function link(from, to, share, parent) {
    const width = Math.max(0.6, WIDEST * Math.abs(share || 0)).toFixed(2)
    svgElement(
      "path",
      { d: state.layout.link(from, to), class: share < 0 ? "negative" : "positive", "stroke-width": width },
      parent,
    )
  }

  new ResizeObserver(() => {
    if (!state.data) return
    const before = state.made
    layOut()
    if (state.made !== before) paint()
  }).observe(figure)
  return diagram
}
