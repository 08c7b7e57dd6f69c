// Where the maps and the channels lie on their canvases, in CSS pixels.
import { clamp } from "../_shared/numbers.js"

const GAP = 8
const STRIP = 62 // the height and the least width of a channel
const KERNEL = 36

const NARROW = 520 // below this width the maps are a strip that scrolls sideways
const STRIP_ROWS = 2
const STRIP_SIDE = 58

// The maps in rows of equal length, where their number allows it; in a narrow `room` in two rows that are wider than it.
// `head`: the room above each for its number and, where there is one channel, for its kernel.
export function mosaicLayout(data, room) {
  const [maps, , width] = data.output.shape
  if (room < NARROW) return stripOfMaps(maps, data.input.shape[0] === 1)
  const least = width > 20 ? 100 : width > 10 ? 72 : 54
  const most = Math.min(maps, Math.max(4, Math.floor(room / least)))
  const across = [0, 1, 2, 3, 4].map((fewer) => most - fewer).find((count) => count > 3 && maps % count === 0) ?? most
  const side = Math.floor((room - GAP * (across - 1)) / across)
  const head = data.input.shape[0] === 1 ? Math.round(side * 0.3) + 4 : 16
  const rows = Math.ceil(maps / across)
  return { across, rows, side, head, width: room, height: rows * (side + head + GAP) }
}

function stripOfMaps(maps, hasKernels) {
  const [across, side, head] = [Math.ceil(maps / STRIP_ROWS), STRIP_SIDE, hasKernels ? 22 : 16]
  const rows = Math.ceil(maps / across)
  return { across, rows, side, head, width: across * (side + GAP) - GAP, height: rows * (side + head + GAP) }
}

// The upper left corner of the map's tile, [x, y].
export const tileCorner = ({ across, side, head }, map) => [
  (map % across) * (side + GAP),
  Math.floor(map / across) * (side + head + GAP),
]

// The cell [map, row, column] at [x, y] of the mosaic; `cell` [row, column] where the point is in the head of a tile.
export function cellInMosaic(data, layout, [x, y], cell) {
  const { across, rows, side, head } = layout
  const [maps, height, width] = data.output.shape
  const line = clamp(Math.floor(y / (side + head + GAP)), 0, rows - 1)
  const place = clamp(Math.floor(x / (side + GAP)), 0, across - 1)
  const map = clamp(line * across + place, 0, maps - 1)
  const [left, top] = [place * (side + GAP), line * (side + head + GAP) + head]
  return y < top
    ? [map, ...cell]
    : [map, Math.floor(((y - top) / side) * height), Math.floor(((x - left) / side) * width)]
}

// The products of each channel as small pictures in rows.
export function stripLayout(data, room) {
  const channels = data.input.shape[0]
  const across = Math.min(channels, Math.max(4, Math.floor(room / STRIP)))
  return {
    across,
    wide: room / across,
    high: STRIP,
    kernel: KERNEL,
    width: room,
    height: Math.ceil(channels / across) * STRIP,
  }
}

// The upper left corner of the channel's picture, [x, y].
export const channelCorner = ({ across, wide, high, kernel }, channel) => [
  (channel % across) * wide + (wide - kernel) / 2,
  Math.floor(channel / across) * high + 2,
]

export function channelInStrip(data, { across, wide, high }, [x, y]) {
  const place = clamp(Math.floor(x / wide), 0, across - 1)
  return clamp(Math.floor(y / high) * across + place, 0, data.input.shape[0] - 1)
}
