// Axes: their ends, their ticks, and where a value lies. An axis is {kind, low, high}; the kind "log" is logarithmic,
// "share" is written in per cent, "ends" has ticks at both ends and at 0; below the curves "number" has ticks at whole numbers alone.
import { percent, tick, tickPercent } from "../_shared/numbers.js"

export const tickText = ({ kind }, value) => (kind === "share" ? tickPercent(value) : tick(value))

// A value of a curve, read off it: a share is a probability, written as everywhere else.
export const valueText = ({ kind }, value) => (kind === "share" ? percent(value) : tick(value))

// The ends of the axis: those given, else those of the values that can be drawn on it, [low, high].
export function axisEnds(axis, values) {
  const shown = values.filter((value) => Number.isFinite(value) && (axis.kind !== "log" || value > 0))
  return [axis.low ?? Math.min(...shown), axis.high ?? Math.max(...shown)]
}

// The same, apart where all values are one.
export function openEnds(axis, values) {
  const [low, high] = axisEnds(axis, values)
  if (high > low) return [low, high]
  return axis.kind === "log" ? [low / 2, low * 2] : [Math.min(0, low), low + 1]
}

export function axisTicks({ kind }, [low, high], count) {
  if (kind === "ends") return ends(low, high)
  return kind === "log" ? powers(low, high) : rounds(low, high, count)
}

// The two ends, and 0 where it lies between them, not next to one.
const ends = (low, high) => {
  const room = (high - low) / 6
  return low + room < 0 && high - room > 0 ? [low, 0, high] : [low, high]
}

// Return the function from a value to its place between `from` and `to`.
export function axisScale({ kind }, [low, high], from, to) {
  const scaled = kind === "log" ? Math.log : Number
  const span = scaled(high) - scaled(low) || 1
  return (value) => from + ((scaled(value) - scaled(low)) / span) * (to - from)
}

// Round numbers, about `count` of them: those from low to high, and the one before and the one after.
export function rounds(low, high, count) {
  const rough = (high - low) / count || 1
  const ten = 10 ** Math.floor(Math.log10(rough))
  const step = ten * ([1, 2, 5].find((one) => one * ten >= rough) ?? 10)
  const found = []
  for (let i = Math.floor(low / step + 1e-9); i < high / step + 1 - 1e-9; i++) found.push(i * step)
  return found
}

// Powers of ten, where there are few also 2 and 5 times them: from the last one not above low to the first one not below
// high.
export function powers(low, high) {
  const decades = Math.log10(high / low)
  const steps = decades > 3 ? [1] : [1, 2, 5]
  const every = Math.max(1, Math.ceil(decades / 6))
  const found = []
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p += every)
    for (const step of steps) found.push(step * 10 ** p)
  const first = found.findLastIndex((value) => value <= low * 1.001)
  const last = found.findIndex((value) => value >= high * 0.999)
  return found.slice(Math.max(0, first), last < 0 ? undefined : last + 1)
}
