// A model's graph of operators in layers, its blocks opened and closed, searched, coloured by what was measured.
import { css, mix, themeColours } from "../_shared/colours.js"
import { element, remembered } from "../_shared/dom.js"
import { duration, fill, number, size } from "../_shared/numbers.js"
import { blocksOf, firstOpen, nodesIn, within } from "./blocks.js"
import { boxAt, drawOverview, drawScene, lineAt } from "./drawing.js"
import { createFinder } from "./finder.js"
import { sceneOf } from "./scene.js"
import { createSheet } from "./sheet.js"
import { boxValue, neighbour, sharesOf } from "./values.js"

const WRITTEN = { seconds: duration, bytes: size }

export default function ({ data, parentElement, setTriggerValue }) {
  const graph = remembered(parentElement.querySelector(".graph"), createGraph)
  graph.send = setTriggerValue
  graph.show(data)
}

function createGraph(root) {
  const find = (name) => root.querySelector(name)
  const [scroller, select, way, said, acts, tip] = [".scroller", "select", ".way", ".said", ".acts", ".tip"].map(find)
  const api = { send: null, show }
  // `trees`, `opened`: of each graph, its blocks and which are open; `at`: the graph in front; `chosen`: the node chosen, or a
  // block; `asked`: the number of the last place that the page asked for.
  const state = { data: null, trees: [], opened: [], at: 0, scene: null, shares: new Map(), marks: new Map() }
  Object.assign(state, { measure: "", chosen: null, tensor: -1, pointed: null, asked: -1, theme: null, version: "" })

  const sheet = createSheet(scroller, {
    size: () => state.scene ?? { width: 1, height: 1 },
    draw: (context, view) => state.scene && drawScene(context, state.scene, view, look()),
    tap,
    point,
    leave: () => hint(null),
  })
  createFinder(find(".find"), {
    graphs: () => state.data.graphs,
    words: () => state.data.words,
    take: (place) => go(place.graph, place.node, true),
  })

  function show(data) {
    const other = data.version !== state.version
    state.data = data
    state.theme = themeColours(root)
    state.marks = new Map(data.marks.map(([graph, node, kind]) => [`${graph}:${node}`, kind]))
    write()
    if (other) {
      Object.assign(state, { version: data.version, at: 0, chosen: null, tensor: -1 })
      state.trees = data.graphs.map(() => null)
      state.opened = data.graphs.map(() => null)
    }
    if (!data.measures[state.measure] || data.measure !== state.told) state.measure = data.measure
    state.told = data.measure
    select.value = state.measure
    if (other) enter(0)
    else colour()
    const { asked } = data
    if (asked && asked.number !== state.asked && asked.graph < data.graphs.length) go(asked.graph, asked.node, false)
    state.asked = asked?.number ?? -1
  }

  function write() {
    const { words, measures } = state.data
    const input = find(".find input")
    input.placeholder = words.search
    input.setAttribute("aria-label", words.search)
    find(".measure span").textContent = words.colour
    select.replaceChildren(...Object.entries(measures).map(([name, { label }]) => new Option(label, name)))
    find(".zoom").setAttribute("aria-label", words.zoom)
    for (const [name, text] of [
      ["less", words.smaller],
      ["more", words.larger],
    ])
      find(`.${name}`).setAttribute("aria-label", text)
    find(".whole").textContent = words.whole
    scroller.setAttribute("aria-label", words.keys)
  }

  // Bring the graph number `at` to the front.
  function enter(at) {
    state.at = at
    state.trees[at] ??= blocksOf(state.data.graphs[at].nodes, state.data.graphs[at].groups)
    state.opened[at] ??= firstOpen(state.trees[at])
    state.chosen = null
    arrange()
    sheet.fit()
    writeWay()
  }

  function arrange() {
    state.scene = sceneOf(state.data.graphs[state.at], state.trees[state.at], state.opened[state.at])
    const blocks = find(".blocks")
    const all = within(state.trees[state.at])
    blocks.hidden = all.length < 2
    const closed = all.filter((block) => !state.opened[state.at].has(block.id))
    blocks.textContent = closed.length ? state.data.words.open_all : state.data.words.close_all
    blocks.onclick = () => {
      state.opened[state.at] = closed.length ? new Set(all.map((block) => block.id)) : new Set([""])
      arrange()
      sheet.fit()
    }
    colour()
  }

  function colour() {
    const measure = state.data.measures[state.measure]
    const { shares, most } = sharesOf(state.scene, measure?.values[state.at] ?? [], measure?.largest)
    state.shares = shares
    const written = WRITTEN[measure?.unit] ?? number
    const [low, high] = ["low", "high"].map((name) => find(`.${name}`))
    const known = [...shares.values()].some((share) => share !== null)
    low.textContent = known ? written(0) : state.data.words.unmeasured
    high.textContent = most ? written(most) : ""
    const { paper, ink } = state.theme
    find(".legend i").style.background =
      `linear-gradient(90deg, ${css(mix(paper, ink, 0.05))}, ${css(mix(paper, ink, 0.9))})`
    find(".legend i").hidden = !most
    drawOverview(find(".overview canvas"), state.scene, look())
    describe()
    sheet.refresh()
  }

  const nodeOf = (at) => state.data.graphs[state.at].nodes[at]
  const boxOfChosen = () =>
    state.chosen === null
      ? null
      : typeof state.chosen === "number"
        ? state.scene.boxOf(state.chosen)
        : state.scene.boxes.find((box) => box.block?.id === state.chosen)

  const look = () => ({
    theme: state.theme,
    shares: state.shares,
    words,
    operator: (box) => nodeOf(box.node).operator,
    marks: markOf,
    chosen: boxOfChosen(),
    tensor: state.tensor,
    pointed: state.pointed,
  })

  function markOf(box) {
    if (box.kind === "node") return state.marks.get(`${state.at}:${box.node}`) ?? ""
    const kinds = nodesIn(box.block).map((node) => state.marks.get(`${state.at}:${node}`))
    return kinds.includes("first") ? "first" : kinds.some(Boolean) ? "bad" : ""
  }

  function words(box) {
    if (box.kind !== "node") return [box.block.label, fill(state.data.words.operators, { count: box.block.count })]
    const { operator, name, shape } = nodeOf(box.node)
    return [operator || name, shape]
  }

  // What a box is, in words: for the tip, and for who does not see the graph.
  function told(box) {
    const measure = state.data.measures[state.measure]
    const value = boxValue(box, measure?.values[state.at] ?? [], measure?.largest)
    const cost = value === null ? "" : `${measure.label}: ${(WRITTEN[measure.unit] ?? number)(value)}`
    const mark = state.data.words.marks[markOf(box)] ?? ""
    if (box.kind !== "node") return [words(box).join(" · "), cost, mark].filter(Boolean)
    const { operator, name, shape, kind } = nodeOf(box.node)
    return [`${operator || state.data.words[kind]} · ${name}`, shape, cost, mark].filter(Boolean)
  }

  function tap(x, y) {
    const box = boxAt(state.scene, x, y)
    if (box && box.kind !== "node") return toggle(box.block)
    const line = box ? null : lineAt(state.scene, x, y, sheet.zoom())
    if (box) choose(box.node, -1)
    else if (line) choose(line.source, line.tensors[0])
    return undefined
  }

  function toggle(block) {
    const opened = state.opened[state.at]
    if (!opened.delete(block.id)) opened.add(block.id)
    state.chosen = block.id
    arrange()
    const box = boxOfChosen()
    if (box) sheet.show(box)
  }

  function choose(node, tensor) {
    Object.assign(state, { chosen: node, tensor })
    describe()
    sheet.refresh()
    api.send("picked", { graph: state.at, node, tensor })
  }

  // Open what hides a node of a graph, and choose it; `tell`: the page does not know of it yet.
  function go(graph, node, tell) {
    if (graph !== state.at || !state.scene) enter(graph)
    if (!(node >= 0 && node < state.data.graphs[graph].nodes.length)) return
    for (const block of within(state.trees[graph])) if (nodesIn(block).includes(node)) state.opened[graph].add(block.id)
    arrange()
    Object.assign(state, { chosen: node, tensor: -1 })
    if (tell) api.send("picked", { graph, node, tensor: -1 })
    describe()
    const box = state.scene.boxOf(node)
    if (sheet.zoom() < 0.6) sheet.zoomBy(0.8 / sheet.zoom())
    if (box) sheet.show(box, true)
  }

  function point(x, y, event) {
    const box = boxAt(state.scene, x, y)
    const line = box ? null : lineAt(state.scene, x, y, sheet.zoom())
    scroller.classList.toggle("over", Boolean(box || line))
    if (box !== state.pointed) {
      state.pointed = box
      sheet.refresh()
    }
    hint(box ? told(box) : line ? line.tensors.slice(0, 4).map(tensorWords) : null, event)
  }

  const tensorWords = (at) => Object.values(state.data.graphs[state.at].tensors[at]).join("  ")

  function hint(lines, event) {
    tip.hidden = !lines
    if (!lines) {
      if (state.pointed) sheet.refresh()
      state.pointed = null
      return
    }
    tip.textContent = lines.join("\n")
    const box = tip.parentElement.getBoundingClientRect()
    const left = event.clientX - box.left
    tip.style.left = left > box.width / 2 ? "auto" : `${left + 14}px`
    tip.style.right = left > box.width / 2 ? `${box.width - left + 14}px` : "auto"
    tip.style.top = `${event.clientY - box.top + 14}px`
  }

  // Say what is chosen, and offer what can be done with it.
  function describe() {
    const box = boxOfChosen()
    const text = box ? told(box).join(" · ") : ""
    if (said.textContent !== text) said.textContent = text
    acts.replaceChildren()
    const { words: all, graphs } = state.data
    const first = [...state.marks].find(([, kind]) => kind === "first")
    if (first) act(all.first_mark, () => go(...first[0].split(":").map(Number), true))
    if (box?.kind === "block") act(all.open, () => toggle(box.block))
    if (box?.kind === "frame") act(all.close, () => toggle(box.block))
    if (typeof state.chosen === "number")
      for (const body of nodeOf(state.chosen).bodies)
        act(fill(all.enter, { body: graphs[body].title }), () => enter(body))
  }

  function act(text, go_on) {
    const button = element("button", "", acts, text)
    button.type = "button"
    button.onclick = go_on
  }

  // The way from the main graph to the body in front.
  function writeWay() {
    const { graphs, words: all } = state.data
    way.setAttribute("aria-label", all.way)
    way.replaceChildren()
    if (graphs.length < 2 || state.at === 0) return
    const steps = []
    for (let at = state.at; at >= 0; at = graphs[at].parent) steps.unshift(at)
    for (const [i, at] of steps.entries()) {
      if (i) way.append("›")
      const button = element("button", "", way, at ? graphs[at].title : all.main)
      button.type = "button"
      button.disabled = at === state.at
      button.onclick = () => enter(at)
    }
  }

  scroller.onkeydown = (event) => {
    const box = boxOfChosen()
    if (event.key === "Enter" || event.key === " ") {
      if (box && box.kind !== "node") toggle(box.block)
      else if (box && nodeOf(box.node).bodies.length) enter(nodeOf(box.node).bodies[0])
    } else if (event.key === "+" || event.key === "=") sheet.zoomBy(1.25)
    else if (event.key === "-") sheet.zoomBy(0.8)
    else if (event.key === "0") sheet.fit(true)
    else if (event.key.startsWith("Arrow")) {
      const next = neighbour(state.scene, box, event.key)
      if (!next) return
      if (next.kind === "node") choose(next.node, -1)
      else Object.assign(state, { chosen: next.block.id, tensor: -1 })
      describe()
      sheet.show(next)
    } else return
    event.preventDefault()
  }
  find(".less").onclick = () => sheet.zoomBy(0.8)
  find(".more").onclick = () => sheet.zoomBy(1.25)
  find(".whole").onclick = () => sheet.fit(true)
  select.onchange = () => {
    state.measure = select.value
    colour()
    api.send("measured", { measure: select.value })
  }
  return api
}
