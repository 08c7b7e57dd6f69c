// Strokes on a sheet of the unit square: polylines of [x, y], x to the right and y down.
import { clamp } from "../_shared/numbers.js"

export const MAX_STROKES = 64
export const MAX_POINTS = 4000
const CLOSEST = 0.004 // points nearer than this to the last one are left out

// A place on the sheet in thousandths, which is finer than a pixel.
export const onSheet = (place) => place.map((value) => Math.round(clamp(value, 0, 1) * 1000) / 1000)

// Begin a stroke and return it; null where there are as many as there may be.
export function beginStroke(strokes, place) {
  if (strokes.length >= MAX_STROKES) return null
  const stroke = [onSheet(place)]
  strokes.push(stroke)
  return stroke
}

// Add a place to a stroke. Returns whether it was far enough from the last one and within the limit of points.
export function extendStroke(strokes, stroke, [x, y]) {
  const [lastX, lastY] = stroke.at(-1)
  const points = strokes.reduce((sum, one) => sum + one.length, 0)
  if (Math.hypot(x - lastX, y - lastY) < CLOSEST || points >= MAX_POINTS) return false
  stroke.push(onSheet([x, y]))
  return true
}
