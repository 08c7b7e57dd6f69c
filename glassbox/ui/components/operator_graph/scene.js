// What is seen of a graph while some of its blocks are open: boxes, frames around open blocks, and the lines between them.
import { nodesIn } from "./blocks.js"
import { place } from "./layers.js"

const HEAD = 26 // pixels: the words of an open block
const PAD = 14
const LETTER = 6.6 // pixels, of a letter in a box

// Return the scene of a graph: { boxes, lines, width, height, boxOf }. `nodes` as in blocks.js with { shape }; `edges`: [source,
// target, tensor], indices of nodes and of a tensor; `root`: the tree of blocks; `open`: the ids of those that are open.
//
// A box is { kind: "node", "block" or "frame", node or block, x, y, width, height }, x and y its corner; frames come before
// what is in them. A line is { points, tensors, ends ([source, target] of each edge), source (of the first), back (it leads up) }.
// `boxOf(node)` is the box that shows a node: its own, or that of the closed block it is in.
export function sceneOf({ nodes, edges }, root, open) {
  const levels = openLevels(root, open)
  share(edges, levels)
  const placed = new Map()
  arrange(levels.root, nodes, placed)
  const scene = { boxes: [], lines: [], width: placed.get(levels.root).width, height: placed.get(levels.root).height }
  draw(levels.root, placed, { x: 0, y: 0 }, scene, edges)
  const shown = new Map(scene.boxes.map((box) => [box.kind === "node" ? box.node : box.block.id, box]))
  scene.boxOf = (node) => shown.get(node) ?? shown.get(levels.parts.get(node)?.item.block?.id)
  return scene
}

// An open block is a level: its items (nodes, closed blocks, levels), and its links. `parts`: of each node, the level it is
// seen in and the item that it is there.
function openLevels(root, open) {
  const parts = new Map()
  const make = (block, parent, depth) => {
    const level = { block, parent, depth, items: [], links: new Map(), ports: new Map() }
    for (const child of [...block.children].sort((a, b) => first(a) - first(b))) {
      const item = typeof child === "number" ? { node: child } : { block: child }
      level.items.push(item)
      if (item.block && open.has(item.block.id)) item.level = make(item.block, { level, item }, depth + 1)
      else for (const node of nodesIn(child)) parts.set(node, { level, item })
    }
    return level
  }
  const level = make(root, null, 0)
  return { root: level, parts }
}

const first = (child) => (typeof child === "number" ? child : child.first)

// Give every edge to the levels that it passes: in the level where both its ends are, a link between two items; in those
// further in, one between an item and a port in the level's frame.
function share(edges, { parts }) {
  for (const [at, [source, target, tensor]] of edges.entries()) {
    let from = { ...parts.get(source), port: null }
    let to = { ...parts.get(target), port: null }
    while (from.level !== to.level) {
      if (from.level.depth >= to.level.depth) {
        const port = portOf(from.level, "last", tensor)
        link(from.level, from.item, port, { at, out: from.port })
        from = { level: from.level.parent.level, item: from.level.parent.item, port }
      } else {
        const port = portOf(to.level, "first", tensor)
        link(to.level, port, to.item, { at, into: to.port })
        to = { level: to.level.parent.level, item: to.level.parent.item, port }
      }
    }
    if (from.item !== to.item) link(from.level, from.item, to.item, { at, out: from.port, into: to.port })
  }
}

function portOf(level, layer, tensor) {
  const key = `${layer}:${tensor}`
  if (!level.ports.has(key)) level.ports.set(key, { port: true, layer })
  return level.ports.get(key)
}

// `out` and `into`: the ports of the items, where these are frames. Edges between the same two ends are one link.
function link(level, from, to, { at, out = null, into = null }) {
  const key = [from, to, out, into].map(identity).join()
  if (!level.links.has(key)) level.links.set(key, { from, to, out, into, edges: [] })
  level.links.get(key).edges.push(at)
}

const numbers = new WeakMap()
let given = 0
function identity(item) {
  if (!item) return 0
  if (!numbers.has(item)) numbers.set(item, ++given)
  return numbers.get(item)
}

function arrange(level, nodes, placed) {
  for (const item of level.items) if (item.level) arrange(item.level, nodes, placed)
  const ports = [...level.ports.values()]
  const all = [
    ...ports.filter((port) => port.layer === "first"),
    ...level.items,
    ...ports.filter((port) => port.layer === "last"),
  ]
  const boxes = all.map((item) => ({ ...sizeOf(item, nodes, placed), layer: item.layer }))
  const index = new Map(all.map((item, i) => [item, i]))
  const links = [...level.links.values()]
  const found = place(
    boxes,
    links.map(({ from, to }) => [index.get(from), index.get(to)]),
  )
  const framed = level.parent !== null
  const head = framed ? HEAD + PAD : PAD
  const words = framed ? level.block.label.length * LETTER + 60 : 0
  const width = Math.max(found.width + 2 * PAD, words)
  const shift = (width - found.width) / 2
  for (const [i, item] of all.entries()) {
    const { width: wide, height } = boxes[i]
    Object.assign(item, { x: found.x[i] - wide / 2 + shift, y: found.y[i] + head, width: wide, height })
  }
  for (const [i, one] of links.entries()) one.bends = found.bends[i].map(([x, y]) => [x + shift, y + head])
  placed.set(level, { width, height: found.height + head + PAD })
}

function sizeOf(item, nodes, placed) {
  if (item.port) return { width: 0, height: 0 }
  if (item.level) return placed.get(item.level)
  const words = item.block ? item.block.label : nodes[item.node].operator || nodes[item.node].name
  const below = item.block ? "" : nodes[item.node].shape
  const letters = Math.max(words.length * 1.12, below.length)
  return { width: Math.min(Math.max(letters * LETTER + 24, 96), 260), height: 46 }
}

function draw(level, placed, { x, y }, scene, edges) {
  for (const item of level.items) {
    const box = { x: x + item.x, y: y + item.y, width: item.width, height: item.height }
    if (item.level) {
      scene.boxes.push({ kind: "frame", block: item.block, depth: item.level.depth, ...box })
      draw(item.level, placed, box, scene, edges)
    } else if (item.block) scene.boxes.push({ kind: "block", block: item.block, ...box })
    else scene.boxes.push({ kind: "node", node: item.node, ...box })
  }
  const size = placed.get(level)
  for (const { from, to, out, into, bends, edges: own } of level.links.values()) {
    const start = from.port ? [from.x, 0] : [from.x + (out ? out.x : from.width / 2), from.y + from.height]
    const end = to.port ? [to.x, size.height] : [to.x + (into ? into.x : to.width / 2), to.y]
    const points = [start, ...bends, end].map(([px, py]) => [px + x, py + y])
    const tensors = [...new Set(own.map((at) => edges[at][2]))]
    const ends = own.map((at) => edges[at].slice(0, 2))
    scene.lines.push({ points, tensors, ends, source: ends[0][0], back: end[1] < start[1] })
  }
}
