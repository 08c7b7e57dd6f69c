// The blocks of a graph, one in another: those that the server found, by scopes and by repetition (inspection/blocks.py), and
// where these leave too much side by side, stretches of operators in their order.
export const WIDE = 40 // parts of a block, at most, that are shown side by side; and operators of a graph without blocks
const STRETCH = 24

// Return the tree of blocks of `nodes` ({ kind, operator, name }, in topological order): { id, label, count, first, children },
// where a child is a block or the index of a node. `groups`: [name, first, last, parent, alike], first and last indices of
// nodes, parent that of a group or -1; `count`: how many operators a block holds; `first`: its first node.
export function blocksOf(nodes, groups) {
  const operators = nodes.flatMap((node, i) => (node.kind === "operator" ? [i] : []))
  const root = { id: "", label: "", children: operators }
  if (operators.length > WIDE) {
    root.children = nested(nodes, groups, operators)
    narrow(root, nodes)
  }
  root.children = [...nodes.flatMap((node, i) => (node.kind === "operator" ? [] : [i])), ...root.children]
  return counted(root)
}

// Return the blocks (not nodes) within `block`, itself included, from outside in.
export function within(block) {
  return [block, ...block.children.filter((child) => typeof child !== "number").flatMap(within)]
}

// Return the nodes within a child of a block: a node's index, or a block.
export const nodesIn = (child) => (typeof child === "number" ? [child] : child.children.flatMap(nodesIn))

// Return which blocks are open at first, as a set of ids: from outside in, as long as at most `most` parts are seen.
export function firstOpen(root, most = 60) {
  const open = new Set([root.id])
  let seen = root.children.length
  const waiting = root.children.filter((child) => typeof child !== "number")
  while (waiting.length) {
    const block = waiting.shift()
    if (seen - 1 + block.children.length > most) continue
    seen += block.children.length - 1
    open.add(block.id)
    waiting.push(...block.children.filter((child) => typeof child !== "number"))
  }
  return open
}

function nested(nodes, groups, operators) {
  const blocks = groups.map(([name, first], i) => ({ id: `/${i}`, label: name, children: [], first }))
  const inmost = new Map()
  for (const [i, [, first, last]] of groups.entries()) for (let node = first; node <= last; node++) inmost.set(node, i)
  const top = []
  const home = (group) => (group < 0 ? top : blocks[group].children)
  for (const node of operators) home(inmost.get(node) ?? -1).push(node)
  for (const [i, [, , , parent]] of groups.entries()) home(parent).push(blocks[i])
  for (const block of [{ children: top }, ...blocks]) block.children.sort((a, b) => (a.first ?? a) - (b.first ?? b))
  for (const [i, block] of blocks.entries()) block.label = labelOf(i, blocks, groups, nodes)
  return top
}

// A scope's own part of its name; of a pattern, its operators; and of several alike side by side, which it is.
function labelOf(i, blocks, groups, nodes) {
  const [name, , , parent, alike] = groups[i]
  const same = groups.flatMap(([, , , other, like], k) => (other === parent && like === alike ? [k] : []))
  const scope =
    parent >= 0 && name.startsWith(`${groups[parent][0]}/`) ? name.slice(groups[parent][0].length + 1) : name
  const words = scope || summary(nodesIn(blocks[i]), nodes)
  return !scope && same.length > 1 ? `${words} · ${same.indexOf(i) + 1}/${same.length}` : words
}

function narrow(block, nodes) {
  if (block.children.length > WIDE) block.children = byOrder(block, nodes)
  for (const child of block.children) if (typeof child !== "number") narrow(child, nodes)
}

function byOrder(block, nodes) {
  const { children } = block
  const size = Math.max(STRETCH, Math.ceil(children.length / WIDE))
  const made = []
  for (let from = 0; from < children.length; from += size) {
    const inner = children.slice(from, from + size)
    if (inner.length === 1) made.push(inner[0])
    else made.push({ id: `${block.id}/s${from}`, label: summary(inner.flatMap(nodesIn), nodes), children: inner })
  }
  return made
}

function summary(inner, nodes) {
  const words = inner.map((node) => nodes[node].operator)
  return words.length < 3 ? words.join(", ") : `${words[0]} … ${words.at(-1)}`
}

function counted(block) {
  const inner = block.children.filter((child) => typeof child !== "number").map(counted)
  const own = block.children.filter((child) => typeof child === "number")
  block.count = own.length + inner.reduce((sum, child) => sum + child.count, 0)
  block.first = Math.min(...own, ...inner.map((child) => child.first))
  return block
}
