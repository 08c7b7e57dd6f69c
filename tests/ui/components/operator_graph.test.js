// How a graph of operators is grouped, laid out, searched and measured.
import assert from "node:assert/strict"
import { test } from "node:test"
import { blocksOf, firstOpen, nodesIn, WIDE, within } from "../../../glassbox/ui/components/operator_graph/blocks.js"
import { layersOf, place } from "../../../glassbox/ui/components/operator_graph/layers.js"
import { sceneOf } from "../../../glassbox/ui/components/operator_graph/scene.js"
import { search } from "../../../glassbox/ui/components/operator_graph/search.js"
import { boxValue, neighbour, sharesOf } from "../../../glassbox/ui/components/operator_graph/values.js"

const operator = (name, kind = "Relu", shape = "1 × 8") => ({
  kind: "operator",
  operator: kind,
  name,
  shape,
  bodies: [],
})
const chain = (nodes) => ({
  nodes,
  edges: nodes.slice(1).map((_, i) => [i, i + 1, i]),
  tensors: nodes.map((node) => ({ name: `${node.name}_out`, shape: node.shape })),
})
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
const holds = (outer, inner) =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height

test("a small graph has no blocks", () => {
  const root = blocksOf(
    [{ kind: "input", operator: "", name: "x" }, operator("a/b"), operator("a/c")],
    [["a", 1, 2, -1, 0]],
  )
  assert.deepEqual(root.children, [0, 1, 2])
  assert.equal(within(root).length, 1)
})

test("blocks stand in one another, a scope by its own part of the name, one of several alike by its number", () => {
  const nodes = [{ kind: "input", operator: "", name: "x" }, ...Array.from({ length: 60 }, (_, i) => operator(`n${i}`))]
  const groups = [
    ["net", 1, 40, -1, 0],
    ["net/first", 1, 20, 0, 1],
    ["net/second", 21, 40, 0, 1],
    ["", 41, 50, -1, 2],
    ["", 51, 60, -1, 2],
  ]
  const root = blocksOf(nodes, groups)
  assert.deepEqual(
    root.children.map((child) => child.label ?? child),
    [0, "net", "Relu … Relu · 1/2", "Relu … Relu · 2/2"],
  )
  assert.deepEqual(
    root.children[1].children.map((child) => [child.label, child.count, child.first]),
    [
      ["first", 20, 1],
      ["second", 20, 21],
    ],
  )
})

test("a graph of 5,000 operators with nothing to go by is still a few parts at a time, and quick", () => {
  const nodes = Array.from({ length: 5000 }, (_, i) => operator(`n${i}`, `Op${(i * i * 7919 + i * 31) % 997}`))
  const root = blocksOf(nodes, [])
  for (const block of within(root))
    assert.ok(block.children.length <= 6 * WIDE, `${block.id} has ${block.children.length}`)
  assert.deepEqual(
    nodesIn(root),
    nodes.map((_, i) => i),
  )
  const scene = sceneOf(chain(nodes), root, new Set(within(root).map((block) => block.id)))
  assert.equal(scene.boxes.filter((box) => box.kind === "node").length, 5000)
})

const layers = (from, size, count) =>
  Array.from({ length: count }, (_, i) => [`m/l${i}`, from + size * i, from + size * (i + 1) - 1, 0, 1])

test("blocks are opened as long as few parts are seen", () => {
  const nodes = Array.from({ length: 200 }, (_, i) => operator(`op${i}`))
  const root = blocksOf(nodes, [["m", 0, 199, -1, 0], ...layers(0, 20, 10)])
  const open = firstOpen(root, 60)
  assert.ok(open.has("/0") && open.size > 2)
  const seen = within(root)
    .filter((block) => open.has(block.id))
    .flatMap((block) => block.children)
  assert.ok(seen.filter((child) => typeof child === "number" || !open.has(child.id)).length <= 60)
})

test("a box lies in the layer of the longest way to it, a source right above what it feeds", () => {
  const boxes = [{}, {}, {}, {}]
  assert.deepEqual(
    layersOf(boxes, [
      [0, 1],
      [1, 2],
      [0, 2],
    ]),
    [0, 1, 2, 0],
  )
  assert.deepEqual(
    layersOf(
      boxes,
      [
        [0, 1],
        [1, 2],
        [3, 2],
      ].map(([a, b]) => (a === 3 ? [2, 3] : [a, b])),
    ),
    [0, 1, 2, 3],
  )
  assert.deepEqual(
    layersOf(boxes, [
      [0, 2],
      [2, 3],
      [1, 3],
    ]),
    [0, 1, 1, 2],
  )
})

test("boxes of a layer do not overlap, and a long link goes around them", () => {
  const boxes = Array.from({ length: 6 }, () => ({ width: 100, height: 40 }))
  const placed = place(boxes, [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 5],
    [0, 5],
  ])
  const laid = boxes.map((box, i) => ({ ...box, x: placed.x[i] - 50, y: placed.y[i] }))
  for (const [i, a] of laid.entries()) for (const b of laid.slice(i + 1)) assert.ok(!overlap(a, b))
  for (const [x, y] of placed.bends[7])
    for (const box of laid) assert.ok(!(x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height))
  assert.ok(placed.x.every((x) => x >= 50 && x <= placed.width - 50))
})

test("an open block frames its own boxes and no others, and lines go on through its frame", () => {
  const nodes = [
    { kind: "input", operator: "", name: "x", shape: "", bodies: [] },
    ...Array.from({ length: 50 }, (_, i) => operator(`m/l${Math.floor(i / 10)}/op${i}`)),
    { kind: "output", operator: "", name: "y", shape: "", bodies: [] },
  ]
  const graph = chain(nodes)
  const root = blocksOf(nodes, [["m", 1, 50, -1, 0], ...layers(1, 10, 5)])
  const scene = sceneOf(graph, root, new Set(["", "/0", "/2"]))
  const frames = scene.boxes.filter((box) => box.kind === "frame")
  assert.deepEqual(
    frames.map((box) => box.block.label),
    ["m", "l1"],
  )
  const inner = scene.boxes.filter((box) => box.kind === "node" && box.node > 10 && box.node <= 20)
  assert.equal(inner.length, 10)
  for (const box of inner) assert.ok(holds(frames[1], box) && holds(frames[0], box))
  const outside = scene.boxes.filter((box) => box.kind === "node" && (box.node === 0 || box.node === 51))
  for (const box of outside) assert.ok(!overlap(frames[0], box))
  // From the closed block before it: a line to the frame, and one on from there at the same place.
  const through = scene.lines.filter((line) => line.tensors.includes(10))
  assert.equal(through.length, 2)
  const [from, to] = through.sort((a, b) => a.points[0][1] - b.points[0][1])
  assert.deepEqual(from.points.at(-1), to.points[0])
  assert.equal(scene.boxOf(15).node, 15)
  assert.equal(scene.boxOf(5).block.label, "l0")
})

test("blocks that feed each other are drawn with a line that leads back", () => {
  const names = ["a/1", "b/1", "a/2", "b/2"]
  const nodes = names.map((name) => operator(name))
  const block = (label, children) => ({ id: `/${label}`, label, kind: "scope", children, count: 2, first: children[0] })
  const root = {
    id: "",
    label: "",
    kind: "scope",
    children: [block("a", [0, 2]), block("b", [1, 3])],
    count: 4,
    first: 0,
  }
  const scene = sceneOf(chain(nodes), root, new Set([""]))
  assert.deepEqual(
    scene.lines.map((line) => line.back),
    [false, true],
  )
})

test("search finds names, operators, tensors and shapes, an operator of that name first", () => {
  const graph = chain([operator("conv1/Relu", "Relu", "1 × 64 × 56 × 56"), operator("first", "Conv", "1 × 3 × 8 × 8")])
  const at = (query) => search([graph], query).map(({ node }) => node)
  assert.deepEqual(at("conv"), [1, 0])
  assert.deepEqual(at("64x56"), [0])
  assert.deepEqual(at("64, 56"), [0])
  assert.deepEqual(at("conv1/relu_out"), [0])
  assert.deepEqual(at("relu 8x8"), [])
  assert.deepEqual(at("  "), [])
})

test("a block costs what its operators cost together, or the most of them; what is unknown has no share", () => {
  const block = { kind: "block", block: { id: "b", children: [0, 1, 2] } }
  assert.equal(boxValue(block, [1, null, 2]), 3)
  assert.equal(boxValue(block, [1, null, 2], true), 2)
  assert.equal(boxValue({ kind: "node", node: 1 }, [1, null]), null)
  const scene = {
    boxes: [
      { kind: "node", node: 0 },
      { kind: "node", node: 1 },
      { kind: "node", node: 2 },
    ],
  }
  const { shares, most } = sharesOf(scene, [4, 1, null])
  assert.equal(most, 4)
  assert.deepEqual([...shares.values()], [1, 0.25, null])
})

test("arrow keys go along the lines, and to the side", () => {
  const nodes = ["x", "l", "r", "y"].map((name) => operator(name))
  const graph = {
    nodes,
    edges: [
      [0, 1, 0],
      [0, 2, 0],
      [1, 3, 1],
      [2, 3, 2],
    ],
    tensors: nodes.map(() => ({ name: "", shape: "" })),
  }
  const scene = sceneOf(graph, blocksOf(nodes, []), new Set([""]))
  const go = (from, key) => neighbour(scene, from, key)?.node
  const box = (node) => scene.boxOf(node)
  assert.equal(neighbour(scene, null, "ArrowDown").node, 0)
  const beside = go(box(0), "ArrowDown")
  assert.ok([1, 2].includes(beside))
  assert.equal(go(box(beside), "ArrowDown"), 3)
  assert.equal(go(box(3), "ArrowUp") > 0, true)
  const [left, right] = [1, 2].sort((a, b) => box(a).x - box(b).x)
  assert.equal(go(box(left), "ArrowRight"), right)
  assert.equal(go(box(right), "ArrowLeft"), left)
})
