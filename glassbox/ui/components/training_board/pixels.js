// Maps and points as pixels.
import { css, mix } from "../_shared/colours.js"
import { element } from "../_shared/dom.js"

const SHADES = 127 // shades on either side of zero
const tables = new Map()

// All shades from -1 to 1, once for each theme, as whole pixels (little-endian RGBA): painting is then a look-up.
function shades({ paper, negative, positive }, strength, discrete) {
  const key = [paper, negative, positive, strength, discrete].join()
  if (!tables.has(key)) {
    if (tables.size > 8) tables.clear()
    const pixel = (share) => {
      const [r, g, b] = mix(paper, share < 0 ? negative : positive, Math.abs(share) * strength)
      return (255 << 24) | (b << 16) | (g << 8) | r
    }
    const share = (i) => (discrete ? Math.sign(i - SHADES) : (i - SHADES) / SHADES)
    tables.set(
      key,
      Uint32Array.from({ length: 2 * SHADES + 1 }, (_, i) => pixel(share(i))),
    )
  }
  return tables.get(key)
}

// Paint a map, each cell a pixel; `discrete`: only its sign.
export function paintMap(canvas, { side, cells, top }, theme, { discrete = false, strength = 1 } = {}) {
  const [context, image] = sheet(canvas, side)
  const pixels = new Uint32Array(image.data.buffer)
  const table = shades(theme, strength, discrete)
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[Math.round((cells[i] * SHADES) / top) + SHADES]
  context.putImageData(image, 0, 0)
}

// Paint at each cell the colour of the output that is largest there, the stronger the surer.
export function paintWinners(canvas, outputs, { paper, classes }, discrete) {
  const [context, image] = sheet(canvas, outputs[0].side)
  const chance = 1 / outputs.length
  for (let i = 0; i < outputs[0].cells.length; i++) {
    const best = outputs.reduce((most, { cells }, k) => (cells[i] > outputs[most].cells[i] ? k : most), 0)
    const sure = (outputs[best].cells[i] / outputs[best].top - chance) / (1 - chance)
    image.data.set([...mix(paper, classes[best], discrete ? 0.65 : 0.75 * Math.max(0, sure)), 255], 4 * i)
  }
  context.putImageData(image, 0, 0)
}

function sheet(canvas, side) {
  if (canvas.width !== side) canvas.width = canvas.height = side
  const context = canvas.getContext("2d")
  return [context, context.createImageData(side, side)]
}

// Fit a canvas to its size on the page, as sharp as the screen; returns its context, and its size in CSS pixels.
export function fit(canvas, { width: usualWidth, height: usualHeight }) {
  const ratio = window.devicePixelRatio || 1
  const [width, height] = [canvas.clientWidth || usualWidth, canvas.clientHeight || usualHeight]
  const [wide, high] = [width, height].map((size) => Math.round(size * ratio))
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high })
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  return { context, width, height }
}

// A point of a class, which has its own shape beside its colour.
export function paintMarker(context, [x, y], { kind, radius, colour, rim }) {
  context.beginPath()
  if (kind === 0) context.arc(x, y, radius, 0, 2 * Math.PI)
  else if (kind === 1) context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8)
  else {
    const corners = [3, 4, 5][kind - 2] ?? 6
    for (let i = 0; i < corners; i++) {
      const angle = (2 * Math.PI * i) / corners
      context.lineTo(x + 1.25 * radius * Math.sin(angle), y - 1.25 * radius * Math.cos(angle))
    }
    context.closePath()
  }
  Object.assign(context, { fillStyle: css(colour), strokeStyle: css(rim), lineWidth: 1 })
  context.fill()
  context.stroke()
}

// The sign of a class as a small picture at the end of `parent`.
export function addMarker(parent, kind, theme) {
  const picture = element("canvas", "", parent)
  Object.assign(picture, { width: 14, height: 14, ariaHidden: "true" })
  const context = picture.getContext("2d")
  paintMarker(context, [7, 7], { kind, radius: 4.5, colour: theme.classes[kind], rim: theme.paper })
}
