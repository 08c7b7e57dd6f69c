// Where things are in the packed arrays and on the page. A position looks at itself and at those before it, so that of
// a T x T picture only the lower triangle is sent, row by row.

// How many numbers a triangle of `steps` rows has.
export const triangleSize = (steps) => (steps * (steps + 1)) / 2

// The numbers of the row `position` of the triangle number `which`.
export function triangleRow(values, which, steps, position) {
  const start = which * triangleSize(steps) + triangleSize(position)
  return values.subarray(start, start + position + 1)
}

// The positions line by line: first those that ask for a poem, then each line with its end.
export function linesOf(signs) {
  const lines = [[]]
  signs.forEach(([, kind], position) => {
    const before = position && signs[position - 1][1]
    if (before === "end" || (before === "asked" && kind !== "asked")) lines.push([])
    lines.at(-1).push(position)
  })
  return lines
}

// The positions of a line word by word, where words have spaces between them: each ends with its space.
export function wordsOf(line, { signs, spaced }) {
  const words = []
  for (const position of line) {
    const begins = !words.length || (spaced && signs[position - 1][1] === "space")
    if (begins) words.push([])
    words.at(-1).push(position)
  }
  return words
}

// The position that a key leads to from `at`; undefined for any other key.
export function keyTarget(key, at, lines) {
  const last = lines.at(-1).at(-1)
  const row = lines.findIndex((line) => line.includes(at))
  const column = lines[row].indexOf(at)
  const beside = (step) => {
    const line = lines[row + step]
    return line ? line[Math.min(column, line.length - 1)] : at
  }
  const steps = {
    ArrowLeft: () => Math.max(at - 1, 0),
    ArrowRight: () => Math.min(at + 1, last),
    ArrowUp: () => beside(-1),
    ArrowDown: () => beside(1),
    Home: () => 0,
    End: () => last,
  }
  return steps[key]?.()
}

// The path of an arc from one cell to another, each a box { x, y, width, height }: over the line that both are in, else
// from edge to edge with a bend.
export function arcPath(from, to) {
  const [x0, x1] = [from.x + from.width / 2, to.x + to.width / 2]
  if (Math.abs(from.y - to.y) < 2) {
    const rise = Math.min(7 + Math.abs(x0 - x1) * 0.16, 26)
    return `M ${x0} ${from.y + 3} Q ${(x0 + x1) / 2} ${from.y + 3 - 2 * rise} ${x1} ${to.y + 3}`
  }
  const up = to.y < from.y
  const [y0, y1] = up ? [from.y + 3, to.y + to.height - 3] : [from.y + from.height - 3, to.y + 3]
  const bend = (y1 - y0) / 2
  return `M ${x0} ${y0} C ${x0} ${y0 + bend} ${x1} ${y1 - bend} ${x1} ${y1}`
}

// The places of the `count` largest of `values`, by size, the largest first.
export const largestPlaces = (values, count) =>
  [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a])).slice(0, count)

const total = (values) => values.reduce((sum, value) => sum + value, 0)

// The parts of the score behind `position`, the heaviest first: each { kind, layer, index, amount, pieces }, and where a
// part is a sum itself, its largest pieces { source or neuron, amount } and the `rest` of it.
export function partsOf(data, added, position) {
  const { layers, heads, signs, behind } = data
  const here = behind[position]
  const parts = [
    { kind: "token", amount: here.embedding, pieces: [] },
    { kind: "place", amount: here.place, pieces: [] },
  ]
  if (here.rest) parts.push({ kind: "rest", amount: here.rest, pieces: [] })
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const row = triangleRow(added, layer * heads + head, signs.length, position)
      const pieces = largestPlaces(row, MOST_PIECES).map((source) => ({ source, amount: row[source] }))
      parts.push(whole({ kind: "head", layer, index: head, amount: total(row), pieces, count: row.length }))
    }
    const pieces = here.largest[layer].map(([neuron, amount]) => ({ neuron, amount }))
    if (pieces.length) parts.push(whole({ kind: "neurons", layer, amount: here.neurons[layer], pieces, count: null }))
  }
  return parts.sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount))
}

const MOST_PIECES = 5

const whole = (part) => ({ ...part, rest: part.amount - total(part.pieces.map(({ amount }) => amount)) })
