// Where the pixels, the neurons and the outputs stand. Each place is the middle of what stands there, as [x, y].
const CELL = 9
const [OUTPUTS, OUTPUT_STEP] = [10, 42]

// From left to right.
export function landscape(units, side) {
  const step = 27
  const rows = Math.ceil(units / 8)
  const height = Math.max(rows * step, side * CELL, OUTPUTS * OUTPUT_STEP) + 48
  const middle = height / 2 + 8
  return {
    width: 760,
    height,
    cell: CELL,
    radius: 10,
    across: 8,
    digit: [0, middle - (side * CELL) / 2],
    neuron: (j) => [372 + step * (j % 8), middle + step * (Math.floor(j / 8) - (rows - 1) / 2)],
    output: (k) => [652, middle + OUTPUT_STEP * (k - (OUTPUTS - 1) / 2)],
    bar: { x: 22, y: -13, width: 82, height: 26, down: false },
    titles: [
      [0, 16, "start"],
      [466, 16, "middle"],
      [652, 16, "start"],
    ],
    link: ([x, y], [u, v]) => `M${x} ${y}C${(x + u) / 2} ${y} ${(x + u) / 2} ${v} ${u} ${v}`,
  }
}

// From top to bottom, on a phone.
export function portrait(units, side) {
  const step = 24.5
  const top = 24 + side * CELL + 96
  const bottom = top + Math.ceil(units / 16) * step + 90
  return {
    width: 400,
    height: bottom + 96,
    cell: CELL,
    radius: 9.5,
    across: 16,
    digit: [(400 - side * CELL) / 2, 24],
    neuron: (j) => [16 + step * (j % 16), top + step * Math.floor(j / 16)],
    output: (k) => [20 + 40 * k, bottom],
    bar: { x: -13, y: 22, width: 26, height: 64, down: true },
    titles: [
      [200, 16, "middle"],
      [200, top - 24, "middle"],
      [200, bottom - 24, "middle"],
    ],
    link: ([x, y], [u, v]) => `M${x} ${y}C${x} ${(y + v) / 2} ${u} ${(y + v) / 2} ${u} ${v}`,
  }
}

export const pixelAt = ({ digit, cell }, i, side) => [
  digit[0] + cell * ((i % side) + 0.5),
  digit[1] + cell * (Math.floor(i / side) + 0.5),
]

// The edge of a neuron towards the pixels (-1) or the outputs (1).
export function edgeOf({ neuron, bar, radius }, j, direction) {
  const [x, y] = neuron(j)
  return bar.down ? [x, y + direction * radius] : [x + direction * radius, y]
}

// Where the links to an output end.
export function outputEdge({ output, bar }, k) {
  const [x, y] = output(k)
  return bar.down ? [x, y - 14] : [x - 12, y]
}

// The line across an output's bar at a share of its length.
export function barLine({ bar }, share) {
  const at = share * (bar.down ? bar.height : bar.width)
  if (bar.down) return { x1: bar.x, x2: bar.x + bar.width, y1: bar.y + at, y2: bar.y + at }
  return { x1: bar.x + at, x2: bar.x + at, y1: bar.y - 2, y2: bar.y + bar.height + 2 }
}
