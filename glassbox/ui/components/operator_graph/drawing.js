// A scene on a canvas: the frames of open blocks, lines, and boxes coloured by what was measured of them.
import { css, isDark, mix } from "../_shared/colours.js"

const RADIUS = 6
const FONT = "Source Sans, system-ui, sans-serif"
const READABLE = 0.45 // zoom below which words would be smaller than can be read
const NEAR = 7 // pixels from a line that still hit it

// Draw what of `scene` lies in `view` ({ x, y, width, height, zoom }: the part of the scene that is seen, and pixels a unit).
// `look`: { theme, shares (of each box, 0 to 1, null for unknown), words (of a box: its two lines), marks (of a box: "",
// "bad" or "first"), chosen (a box), tensor, pointed (a box) }.
export function drawScene(context, scene, view, look) {
  const ratio = window.devicePixelRatio || 1
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, view.width * view.zoom, view.height * view.zoom)
  context.setTransform(
    ratio * view.zoom,
    0,
    0,
    ratio * view.zoom,
    -view.x * view.zoom * ratio,
    -view.y * view.zoom * ratio,
  )
  const seen = (box) =>
    box.y < view.y + view.height &&
    box.y + box.height > view.y &&
    box.x < view.x + view.width &&
    box.x + box.width > view.x
  for (const box of scene.boxes) if (box.kind === "frame" && seen(box)) frame(context, box, view, look)
  for (const line of scene.lines) if (inSight(line, view)) drawLine(context, line, view, look)
  for (const box of scene.boxes) if (box.kind !== "frame" && seen(box)) drawBox(context, box, view, look)
}

// The whole scene as a narrow strip, each box at its height, in its colour.
export function drawOverview(canvas, scene, look) {
  const context = canvas.getContext("2d")
  context.clearRect(0, 0, canvas.width, canvas.height)
  const across = canvas.width / Math.max(scene.width, 1)
  const down = canvas.height / Math.max(scene.height, 1)
  for (const box of scene.boxes) {
    if (box.kind === "frame") continue
    context.fillStyle = look.marks(box) ? css(wrong(look.theme)) : css(boxColour(look, look.shares.get(box), 0.25))
    context.fillRect(box.x * across, box.y * down, Math.max(box.width * across, 2), Math.max(box.height * down, 1.5))
  }
}

// Return the box at a point of the scene, the innermost; a frame only by its head. null for none.
export function boxAt(scene, x, y, head = 40) {
  const hit = (box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height
  const found = scene.boxes.filter((box) => hit(box) && (box.kind !== "frame" || y <= box.y + head))
  return found.find((box) => box.kind !== "frame") ?? found.at(-1) ?? null
}

// Return the line nearest to a point, if it is near; null for none.
export function lineAt(scene, x, y, zoom = 1) {
  let best = null
  let least = NEAR / zoom
  for (const line of scene.lines)
    for (let i = 1; i < line.points.length; i++) {
      const [x0, y0] = line.points[i - 1]
      const [x1, y1] = line.points[i]
      if (y < Math.min(y0, y1) - least || y > Math.max(y0, y1) + least) continue
      const share = Math.min(Math.max((y - y0) / (y1 - y0 || 1), 0), 1)
      const eased = share * share * (3 - 2 * share) // near enough to the curve that is drawn
      const away = Math.abs(x0 + (x1 - x0) * eased - x)
      if (away < least) [best, least] = [line, away]
    }
  return best
}

function inSight({ points }, view) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return bottom > view.y && top < view.y + view.height && right > view.x - 4 && left < view.x + view.width + 4
}

function drawLine(context, line, view, look) {
  const { theme } = look
  const chosen = line.tensors.includes(look.tensor)
  const [first, ...rest] = line.points
  context.beginPath()
  context.moveTo(...first)
  let [x0, y0] = first
  for (const [x1, y1] of rest) {
    const middle = (y0 + y1) / 2
    if (x0 === x1) context.lineTo(x1, y1)
    else if (line.back) context.bezierCurveTo(x0 + 90, y0 + 40, x1 + 90, y1 - 40, x1, y1)
    else context.bezierCurveTo(x0, middle, x1, middle, x1, y1)
    ;[x0, y0] = [x1, y1]
  }
  context.lineWidth = (chosen ? 3 : 1.2) / Math.min(view.zoom, 1)
  context.strokeStyle = css(chosen ? theme.positive : mix(theme.paper, theme.ink, 0.45))
  context.setLineDash(line.back ? [5, 4] : [])
  context.stroke()
  context.setLineDash([])
}

function frame(context, box, view, look) {
  const { theme } = look
  const depth = 0.03 + 0.03 * (box.depth % 3)
  rounded(context, box, RADIUS + 2)
  context.fillStyle = css(mix(theme.paper, theme.ink, depth))
  context.fill()
  context.lineWidth = 1 / Math.min(view.zoom, 1)
  context.strokeStyle = css(mix(theme.paper, theme.ink, look.chosen === box ? 0.9 : 0.25))
  context.stroke()
  if (view.zoom < READABLE) return
  write(context, `− ${box.block.label}`, box, { y: box.y + 18, size: 12, weight: 600, colour: theme.ink, left: true })
}

function drawBox(context, box, view, look) {
  const { theme } = look
  const share = look.shares.get(box)
  const mark = look.marks(box)
  if (box.kind === "block")
    for (const step of [2, 1]) {
      rounded(context, { ...box, x: box.x + 3 * step, y: box.y + 3 * step }, RADIUS)
      outline(context, mix(theme.paper, theme.ink, 0.4), mix(theme.paper, theme.ink, 0.1), 1 / Math.min(view.zoom, 1))
    }
  const inner = boxColour(look, share)
  const ends = box.kind === "node" && !look.operator(box)
  rounded(context, box, ends ? box.height / 2 : RADIUS)
  const edge = box === look.chosen ? theme.positive : mark ? wrong(theme) : mix(theme.paper, theme.ink, 0.45)
  const thick = box === look.chosen || mark === "first" ? 3.5 : mark ? 2.5 : box === look.pointed ? 2 : 1
  context.setLineDash(share === null && !ends ? [4, 3] : [])
  outline(context, edge, inner, thick / Math.min(view.zoom, 1))
  context.setLineDash([])
  if (view.zoom < READABLE) return
  const colour = contrast(inner, theme)
  const [upper, lower] = look.words(box)
  write(context, upper, box, { y: box.y + (lower ? 20 : 28), size: 13, weight: 600, colour })
  write(context, lower, box, { y: box.y + 37, size: 11.5, weight: 400, colour })
}

// The palette of unsigned values: paper to ink, beginning with a shade that still shows a box.
const boxColour = ({ theme }, share, least = 0.05) => mix(theme.paper, shade(theme), least + (1 - least) * (share ?? 0))
const wrong = (theme) => (isDark(theme) ? [255, 122, 122] : [190, 32, 38])
const shade = (theme) => (isDark(theme) ? [204, 216, 232] : [24, 53, 88])

// Ink or paper, whichever is easier to read on `colour`.
function contrast(colour, theme) {
  const light = (one) => 0.299 * one[0] + 0.587 * one[1] + 0.114 * one[2]
  const far = (one) => Math.abs(light(one) - light(colour))
  return far(theme.ink) >= far(theme.paper) ? theme.ink : theme.paper
}

function outline(context, edge, inner, thick) {
  context.fillStyle = css(inner)
  context.fill()
  context.lineWidth = thick
  context.strokeStyle = css(edge)
  context.stroke()
}

function rounded(context, { x, y, width, height }, radius) {
  context.beginPath()
  context.roundRect(x, y, width, height, radius)
}

function write(context, text, box, { y, size, weight, colour, left = false }) {
  if (!text) return
  context.font = `${weight} ${size}px ${FONT}`
  context.fillStyle = css(colour)
  context.textAlign = left ? "left" : "center"
  context.fillText(fitting(context, text, box.width - 16), left ? box.x + 10 : box.x + box.width / 2, y)
}

function fitting(context, text, width) {
  if (context.measureText(text).width <= width) return text
  let kept = Math.floor((text.length * width) / context.measureText(text).width)
  while (kept > 1 && context.measureText(`${text.slice(0, kept)}…`).width > width) kept -= 1
  return `${text.slice(0, kept)}…`
}
