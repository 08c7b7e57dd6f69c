// The network: a column for the features, one for each hidden layer, one for the outputs, and a line for each weight.
import { css } from "../_shared/colours.js"
import { element, setAttributes, svgElement } from "../_shared/dom.js"
import { fill, steadyNumber } from "../_shared/numbers.js"
import { neuronName, sourceRows } from "./message.js"
import { paintMap } from "./pixels.js"

const HEAD = 64 // room above the neurons for the columns' heads
const NARROW = 480
const HALF_NODE = 20
const GAP = 52 // between two neurons, at most
const USUAL_WIDTH = 600
const MOST_WEIGHT = 5 // larger weights are drawn no wider

// `actions`: hover(place or null), pick(place, index of a weight), sizes() of the hidden layers as the visitor wants them,
// reshape({ layers }), toggle(feature).
export function createDiagram(net, view, actions) {
  const svg = net.querySelector("svg")
  const state = { shape: "", nodes: [], links: [], heads: [] }

  // What the drawing was built for: it is built anew when that changes, else only recoloured.
  const shapeNow = () => [columnSizes(view.data), view.data.chosen, view.data.words.output, net.clientWidth].join("|")

  function arrange() {
    const shape = shapeNow()
    if (shape === state.shape) return
    Object.assign(state, { shape, nodes: [], links: [] })
    const sizes = columnSizes(view.data)
    arrangeHeads(sizes.length)
    for (const child of [...net.children]) if (child !== svg && !state.heads.includes(child)) child.remove()
    svg.replaceChildren()
    const place = placesOf(sizes, net.clientWidth || USUAL_WIDTH, net.clientHeight)
    sizes.forEach((count, column) => {
      state.heads[column].style.left = `${place(column, 0)[0]}px`
      for (let row = 0; row < count; row++) createNode(column, row, place(column, row))
    })
    view.data.layers.forEach((_, i) => createLinks(i + 1, place))
    svg.append(...state.links.map(({ target }) => target)) // what can be clicked lies on top
  }

  // The head of each column. Those that are there stay, with the focus, and with a click that has only begun.
  function arrangeHeads(columns) {
    if (state.heads.length !== columns) {
      for (const head of state.heads) head.remove()
      state.heads = Array.from({ length: columns }, (_, column) => createHead(column, columns - 1))
    }
    writeHeads()
  }

  function createHead(column, last) {
    const head = element("div", "gb-board-head", net)
    if (column === 0 || column === last) return head
    for (const [text, by] of [
      ["−", -1],
      ["+", 1],
    ]) {
      const layers = () => actions.sizes().map((size, i) => (i === column - 1 ? size + by : size))
      createButton(head, text, "", { onclick: () => actions.reshape({ layers: layers() }) })
    }
    head.firstChild.after("")
    return head
  }

  function writeHeads() {
    const { words, most } = view.data
    const sizes = actions.sizes()
    state.heads.forEach((head, column) => {
      const [fewer, count, more] = head.childNodes
      if (!more) {
        head.textContent = column ? words.output : words.features
        return
      }
      const size = sizes[column - 1] ?? 0 // a layer that the visitor has just taken away has none
      count.data = String(size)
      const [less, greater] = [words.fewer_neurons, words.more_neurons].map((text) => fill(text, { layer: column }))
      Object.assign(fewer, { title: less, ariaLabel: less, disabled: size <= 1 })
      Object.assign(more, { title: greater, ariaLabel: greater, disabled: !size || size >= most.neurons })
    })
  }

  const createButton = (parent, text, label, properties) =>
    Object.assign(element("button", "", parent, text), {
      type: "button",
      title: label,
      ariaLabel: label,
      ...properties,
    })

  function createNode(column, row, [x, y]) {
    const { data } = view
    const name = neuronName(data, column, row)
    const node = createButton(net, undefined, name, { className: "gb-board-node" })
    const canvas = element("canvas", "", node)
    const place = { left: `${x}px`, top: `${y}px` }
    Object.assign(node.style, place)
    node.onpointerenter = () => actions.hover([column, row])
    node.onfocus = () => node.matches(":focus-visible") && actions.hover([column, row])
    node.onpointerleave = node.onblur = () => actions.hover(null)
    node.onclick = () => (column ? actions.pick([column, row]) : actions.toggle(data.features[row].name))
    if (!column) {
      const on = data.chosen.includes(data.features[row].name)
      node.classList.toggle("gb-board-off", !on)
      node.setAttribute("aria-pressed", on)
      Object.assign(element("span", "gb-board-name", net, data.features[row].label).style, place)
    }
    state.nodes.push({ node, canvas, column, row, drawn: "" })
  }

  // The lines into the neurons of a column: one that is seen, and a wider one over it to click.
  function createLinks(column, place) {
    const { data } = view
    const rows = sourceRows(data, column)
    for (let to = 0; to < data.layers[column - 1].biases.length; to++)
      rows.forEach((from, i) => {
        const d = curve(place(column - 1, from), place(column, to))
        const line = svgElement("path", { class: "gb-board-line", d }, svg)
        const target = svgElement("path", { class: "gb-board-hit", d })
        const title = svgElement("title", {}, target)
        target.onclick = () => actions.pick([column, to], i)
        const name = `${neuronName(data, column - 1, from)} → ${neuronName(data, column, to)}`
        state.links.push({ line, target, title, name, weight: () => view.data.layers[column - 1].weights[i][to] })
      })
  }

  // Colour the neurons' maps and the lines; `picked`: the neuron that is marked.
  function paint(picked) {
    const { data, maps, theme } = view
    for (const one of state.nodes) {
      const { node, canvas, column, row } = one
      const drawn = [theme.paper, column || data.version].join()
      if (column || one.drawn !== drawn) paintMap(canvas, maps[column][row], theme) // features never change
      one.drawn = drawn
      node.classList.toggle("gb-board-picked", column === picked[0] && row === picked[1])
    }
    const [negative, positive] = [css(theme.negative), css(theme.positive)]
    for (const { line, title, name, weight } of state.links) {
      const size = Math.min(Math.abs(weight()), MOST_WEIGHT)
      setAttributes(line, {
        stroke: weight() < 0 ? negative : positive,
        "stroke-width": (0.4 + 1.5 * size).toFixed(2),
        "stroke-opacity": Math.min(1, 0.25 + size).toFixed(2),
      })
      title.textContent = `${name}: ${steadyNumber(weight())}`
    }
  }

  return {
    arrange,
    paint,
    writeHeads,
    shape: () => state.shape,
    stale: () => Boolean(state.shape) && state.shape !== shapeNow(),
  }
}

const columnSizes = ({ features, layers }) => [features.length, ...layers.map(({ biases }) => biases.length)]

// Return the function from a neuron's column and row to its middle, [x, y].
export function placesOf(sizes, width, height) {
  const [left, right] = width < NARROW ? [28, 28] : [92, 48]
  const room = height - HEAD
  const gap = Math.min(GAP, room / 8)
  return (column, row) => [
    left + (column * (width - left - right)) / (sizes.length - 1),
    HEAD + 8 + room / 2 + (row - (sizes[column] - 1) / 2) * gap,
  ]
}

// The path from the right edge of one neuron to the left edge of another.
export function curve([x, y], [u, v]) {
  const [from, to] = [x + HALF_NODE, u - HALF_NODE]
  const middle = (from + to) / 2
  return `M${from},${y} C${middle},${y} ${middle},${v} ${to},${v}`
}
