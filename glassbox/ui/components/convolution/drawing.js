// The four canvases of a convolution: its input, one of its maps, all of its maps, and the products of each channel.
import { css, diverging, mix } from "../_shared/colours.js"
import { steadyNumber } from "../_shared/numbers.js"
import { largestProduct, poolingWindow } from "./arithmetic.js"
import { channelCorner, mosaicLayout, stripLayout, tileCorner } from "./layout.js"

const MARK = "#D0591B"
const POOL = "#2E7CC4"

const unsigned = (theme, value, most) => mix(theme.paper, theme.ink, most ? value / most : 0)
export const signed = (theme, value, most) => diverging(theme, most ? value / most : 0)

// The context of a canvas that is as sharp as the screen, in CSS pixels; without a `height` it is a square.
function contextOf(canvas, height = null) {
  const ratio = window.devicePixelRatio || 1
  const [wide, high] = [canvas.clientWidth, height ?? canvas.clientWidth].map((size) => Math.round(size * ratio))
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high })
  if (height !== null) canvas.style.height = `${height}px`
  return scaled(canvas, ratio)
}

function scaled(canvas, ratio) {
  const context = canvas.getContext("2d")
  context.imageSmoothingEnabled = false
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return context
}

// Values (height, width) from `offset` on as a picture of one pixel a cell.
function picture(values, offset, height, width, colour) {
  const tile = new OffscreenCanvas(width, height)
  const pixels = new ImageData(width, height)
  for (let i = 0; i < height * width; i++) pixels.data.set([...colour(values[offset + i], i), 255], 4 * i)
  tile.getContext("2d").putImageData(pixels, 0, 0)
  return tile
}

// A frame in `colour` with a rim of paper, so that it is seen on any picture.
function frame(context, [x, y, width, height], { theme, colour, thick = 2 }) {
  Object.assign(context, { lineWidth: thick + 2, strokeStyle: css(theme.paper) })
  context.strokeRect(x, y, width, height)
  Object.assign(context, { lineWidth: thick, strokeStyle: colour })
  context.strokeRect(x, y, width, height)
}

export function paintSource(canvas, { data, input, theme }, worked, channel) {
  const [, height, width] = data.input.shape
  const context = contextOf(canvas)
  const side = canvas.clientWidth
  const cell = side / width
  const colour = (value) => unsigned(theme, value, data.largest.input)
  context.drawImage(picture(input, channel * height * width, height, width, colour), 0, 0, side, side)
  const [tall, wide] = [0, 1].map((axis) => (data.kernels.shape[2 + axis] - 1) * data.dilations[axis] + 1)
  frame(context, [worked.left * cell, worked.top * cell, wide * cell, tall * cell], { theme, colour: MARK })
}

export function paintResult(canvas, { data, output, at, theme, building }) {
  const [map, row, column] = at
  const [, height, width] = data.output.shape
  const context = contextOf(canvas)
  const side = canvas.clientWidth
  const cell = side / width
  const waiting = mix(theme.paper, theme.positive, 0.12)
  const colour = (value, place) => (building?.hides(place) ? waiting : unsigned(theme, value, data.largest.output))
  context.drawImage(picture(output, map * height * width, height, width, colour), 0, 0, side, side)
  const pool = poolingWindow(data, at)
  if (pool)
    frame(
      context,
      [pool.column, pool.row, pool.width, pool.height].map((one) => one * cell),
      { theme, colour: POOL, thick: 1.5 },
    )
  frame(context, [column * cell, row * cell, cell, cell], { theme, colour: MARK })
}

// All maps without the marks, which move: drawn once for each picture, size and theme.
function drawMosaic({ data, kernels, output, theme, font }, layout) {
  const [maps, height, width] = data.output.shape
  const [, , tall, wide] = data.kernels.shape
  const ratio = window.devicePixelRatio || 1
  const canvas = new OffscreenCanvas(Math.round(layout.width * ratio), Math.round(layout.height * ratio))
  const context = scaled(canvas, ratio)
  const { side, head } = layout
  Object.assign(context, { font: `12px ${font}`, textBaseline: "middle", lineWidth: 1 })
  Object.assign(context, {
    strokeStyle: css(mix(theme.paper, theme.ink, 0.25)),
    fillStyle: css(mix(theme.paper, theme.ink, 0.75)),
  })
  const tile = (values, offset, rows, columns, colour, [x, y], size) => {
    context.drawImage(picture(values, offset, rows, columns, colour), x, y, size, size)
    context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1)
  }
  for (let map = 0; map < maps; map++) {
    const [x, y] = tileCorner(layout, map)
    const kernel = data.input.shape[0] === 1 ? head - 4 : 0
    if (kernel)
      tile(kernels, map * tall * wide, tall, wide, (value) => signed(theme, value, data.largest.weight), [x, y], kernel)
    context.fillText(map + 1, kernel ? x + kernel + 6 : x, y + head / 2)
    tile(
      output,
      map * height * width,
      height,
      width,
      (value) => unsigned(theme, value, data.largest.output),
      [x, y + head],
      side,
    )
  }
  return canvas
}

export function paintMosaic(canvas, state) {
  const { data, at, theme } = state
  const layout = mosaicLayout(data, canvas.parentElement.clientWidth)
  canvas.style.width = `${layout.width}px`
  state.mosaic ??= drawMosaic(state, layout)
  const [map, row, column] = at
  const [maps, height, width] = data.output.shape
  const context = contextOf(canvas, layout.height)
  const { side, head } = layout
  context.clearRect(0, 0, layout.width, layout.height)
  context.drawImage(state.mosaic, 0, 0, layout.width, layout.height)
  for (let other = 0; other < maps; other++) {
    const [x, y] = tileCorner(layout, other)
    const box = [x + (column * side) / width, y + head + (row * side) / height, side / width, side / height]
    frame(context, box, { theme, colour: MARK, thick: 1 })
  }
  const [x, y] = tileCorner(layout, map)
  Object.assign(context, { lineWidth: 3, strokeStyle: MARK })
  context.strokeRect(x, y + head, side, side)
}

// The products of each channel, and their sum below; the channel that is shown large is marked.
export function paintChannels(canvas, { data, theme, font }, worked, channel) {
  const layout = stripLayout(data, canvas.clientWidth)
  const context = contextOf(canvas, layout.height)
  context.clearRect(0, 0, layout.width, layout.height)
  if (!worked.known) return
  const [, , tall, wide] = data.kernels.shape
  const most = largestProduct(worked.terms)
  const cell = layout.kernel / Math.max(tall, wide)
  Object.assign(context, { font: `11px ${font}`, textAlign: "center", textBaseline: "top" })
  worked.parts.forEach((part, c) => {
    const [x, y] = channelCorner(layout, c)
    for (let i = 0; i < tall * wide; i++) {
      context.fillStyle = css(signed(theme, worked.terms[c * tall * wide + i].product, most))
      context.fillRect(x + (i % wide) * cell, y + Math.floor(i / wide) * cell, cell, cell)
    }
    const shown = c === channel
    Object.assign(context, {
      lineWidth: shown ? 2.5 : 1,
      strokeStyle: shown ? MARK : css(mix(theme.paper, theme.ink, 0.25)),
    })
    context.strokeRect(x, y, layout.kernel, layout.kernel)
    context.fillStyle = css(mix(theme.paper, theme.ink, part ? 0.95 : 0.55))
    context.fillText(steadyNumber(part), x + layout.kernel / 2, y + layout.kernel + 5)
  })
}
