// What is left of a picture, apart from the page.

// The number of pixels that are changed at place `at` of `last`, of `count` pixels: as faithfulness.changes rounds.
export function changedCount(at, last, count) {
  const exact = (at / last) * count
  const low = Math.floor(exact)
  const rest = exact - low
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low // halves to the even number
}

// The picture with the pixels `order[0..count]` changed: where it `erases` they are those of `start`, else all others are.
export function changedPicture({ picture, start, order }, count, erases) {
  const [from, to] = erases ? [picture, start] : [start, picture]
  const shown = Array.from(from)
  for (let i = 0; i < count; i++) shown[order[i]] = to[order[i]]
  return shown
}

// The place of `last` nearest to x between left and right.
export const placeAt = (x, left, right, last) =>
  Math.round(Math.min(1, Math.max(0, (x - left) / (right - left))) * last)
