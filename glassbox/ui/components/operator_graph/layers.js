// One level of a graph drawn in layers: boxes and the links between them, each link downwards (Sugiyama, Tagawa and Toda,
// "Methods for visual understanding of hierarchical system structures", 1981).
const GAP = 26 // pixels between boxes of a layer
const LANE = 12 // between links that pass a layer
const BETWEEN = 34 // between layers
const SWEEPS = 6
const MOST_BENDS = 20000 // of all links together; longer ones are then drawn straight

// Place `boxes` ({ width, height, layer? }, in topological order) with `links` ([from, to], indices of boxes). Return
// { x, y (of the boxes' centres and tops), bends (of each link, [x, y] from top to bottom), width, height }. A link
// that leads back has no bends. `layer`: "first" and "last" hold a box at the top or at the bottom.
export function place(boxes, links) {
  const layer = layersOf(boxes, links)
  const rows = []
  const items = boxes.map((box, i) => ({ width: box.width, height: box.height, row: layer[i], up: [], down: [] }))
  for (const [i, item] of items.entries()) row(rows, layer[i]).push(item)
  const chains = bend(items, rows, links, layer)
  for (let sweep = 0; sweep < SWEEPS; sweep++) sort(rows, sweep % 2 === 0)
  spread(rows)
  const tops = []
  let height = 0
  for (const one of rows) {
    tops.push(height)
    height += Math.max(0, ...one.map((item) => item.height)) + BETWEEN
  }
  const left = Math.min(...items.map((item) => item.x - item.width / 2), ...rows.flat().map((item) => item.x))
  const right = Math.max(...items.map((item) => item.x + item.width / 2), ...rows.flat().map((item) => item.x))
  return {
    x: items.map((item) => item.x - left),
    y: items.map((item) => tops[item.row]),
    bends: chains.map((chain) =>
      chain.flatMap((item) => [
        [item.x - left, tops[item.row]],
        [item.x - left, tops[item.row] + Math.max(0, ...rows[item.row].map((one) => one.height))],
      ]),
    ),
    width: items.length ? right - left : 0,
    height: Math.max(0, height - BETWEEN),
  }
}

// Return the layer of each box, from 0: the longest way from a box without links to it. A box that nothing leads to stands
// right above the first that it leads to.
export function layersOf(boxes, links) {
  const forward = links.filter(([from, to]) => from < to)
  const layer = boxes.map(() => 0)
  const below = boxes.map(() => [])
  const fed = boxes.map(() => false)
  for (const [from, to] of forward) {
    below[from].push(to)
    fed[to] = true
  }
  for (const i of boxes.keys()) for (const to of below[i]) layer[to] = Math.max(layer[to], layer[i] + 1)
  for (const i of [...boxes.keys()].reverse())
    if (!fed[i] && boxes[i].layer !== "first" && below[i].length)
      layer[i] = Math.max(0, Math.min(...below[i].map((to) => layer[to])) - 1)
  const last = Math.max(0, ...layer)
  for (const [i, box] of boxes.entries()) if (box.layer === "last") layer[i] = last
  return layer
}

function bend(items, rows, links, layer) {
  let bends = 0
  return links.map(([from, to]) => {
    const chain = []
    const span = layer[to] - layer[from]
    if (span < 1) return chain
    let above = items[from]
    if (bends + span <= MOST_BENDS)
      for (let at = layer[from] + 1; at < layer[to]; at++) {
        const item = { width: 0, height: 0, row: at, up: [above], down: [] }
        above.down.push(item)
        rows[at].push(item)
        chain.push(item)
        above = item
        bends += 1
      }
    above.down.push(items[to])
    items[to].up.push(above)
    return chain
  })
}

function row(rows, at) {
  while (rows.length <= at) rows.push([])
  return rows[at]
}

// Order each row by the mean place of what its items are linked with in the row before it.
function sort(rows, down) {
  for (const one of rows) one.forEach((item, i) => Object.assign(item, { place: i }))
  const order = down ? rows.slice(1) : rows.slice(0, -1).reverse()
  for (const one of order) {
    for (const item of one) {
      const others = down ? item.up : item.down
      item.wanted = others.length ? mean(others.map((other) => other.place)) : item.place
    }
    one.sort((a, b) => a.wanted - b.wanted || a.place - b.place)
    one.forEach((item, i) => Object.assign(item, { place: i }))
  }
}

// Give every item its x: as near to what it is linked with as the items beside it allow.
function spread(rows) {
  for (const one of rows) settle(one, (item) => item.x ?? 0)
  for (let sweep = 0; sweep < SWEEPS + 2; sweep++) {
    const down = sweep % 2 === 0
    for (const one of down ? rows : [...rows].reverse())
      settle(one, (item) => {
        const others = down ? item.up : item.down
        return others.length ? mean(others.map((other) => other.x)) : item.x
      })
  }
}

// Return nothing; set x of the items of a row so that the squares of the ways from where they want to be are least and none
// overlap: isotonic regression by pooling adjacent violators (Barlow and others, 1972).
function settle(items, wanted) {
  const pools = []
  let offset = 0
  for (const [i, item] of items.entries()) {
    if (i) offset += apart(items[i - 1], item)
    item.offset = offset
    let pool = { sum: wanted(item) - offset, count: 1, items: [item] }
    while (pools.length && pools.at(-1).sum / pools.at(-1).count > pool.sum / pool.count) {
      const before = pools.pop()
      before.items.push(...pool.items)
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count, items: before.items }
    }
    pools.push(pool)
  }
  for (const pool of pools) for (const item of pool.items) item.x = pool.sum / pool.count + item.offset
}

const apart = (a, b) => (a.width + b.width) / 2 + (a.width && b.width ? GAP : a.width || b.width ? GAP / 2 : LANE)
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
