// What was measured of boxes, and which box lies where: what can be told without drawing.
import { nodesIn } from "./blocks.js"

// Return what was measured of a box: of a block the sum over its nodes, or the `largest`; null if nothing is known.
export function boxValue(box, values, largest = false) {
  const known = nodesOf(box).flatMap((node) => (typeof values[node] === "number" ? [values[node]] : []))
  if (!known.length) return null
  return largest ? known.reduce((a, b) => Math.max(a, b)) : known.reduce((a, b) => a + b, 0)
}

// Return the share of each box that is no frame of the largest value among them, as a Map (null where it is unknown), and
// that value.
export function sharesOf(scene, values, largest = false) {
  const boxes = scene.boxes.filter((box) => box.kind !== "frame")
  const found = new Map(boxes.map((box) => [box, boxValue(box, values, largest)]))
  const most = Math.max(0, ...found.values())
  const shares = new Map([...found].map(([box, value]) => [box, value === null ? null : most ? value / most : 0]))
  return { shares, most }
}

// Return the box that an arrow key leads to from `box` (the first one if that is null): up and down along the lines, left and
// right beside it. null where there is none.
export function neighbour(scene, box, key) {
  const boxes = scene.boxes.filter((one) => one.kind !== "frame")
  if (!box || box.kind === "frame") return boxes.reduce((a, b) => (b.y < (a?.y ?? Infinity) ? b : a), null)
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const side = key === "ArrowLeft" ? -1 : 1
    const beside = boxes.filter(
      (one) => one !== box && (one.x - box.x) * side > 0 && one.y < box.y + box.height && one.y + one.height > box.y,
    )
    return nearest(box, beside)
  }
  const down = key === "ArrowDown"
  const linked = boxes.filter(
    (one) => one !== box && (down ? one.y > box.y : one.y < box.y) && joined(scene, box, one, down),
  )
  return (
    nearest(box, linked) ??
    nearest(
      box,
      boxes.filter((one) => (down ? one.y > box.y : one.y < box.y)),
    )
  )
}

function joined(scene, box, other, down) {
  const [own, others] = [new Set(nodesOf(box)), new Set(nodesOf(other))]
  const [from, to] = down ? [own, others] : [others, own]
  return scene.lines.some(({ ends }) => ends.some(([source, target]) => from.has(source) && to.has(target)))
}

function nearest(box, others) {
  const away = (one) => Math.hypot(one.x + one.width / 2 - box.x - box.width / 2, 2 * (one.y - box.y))
  return others.reduce((best, one) => (best === null || away(one) < away(best) ? one : best), null)
}

const nodesOf = (box) => nodesIn(box.node ?? box.block)
