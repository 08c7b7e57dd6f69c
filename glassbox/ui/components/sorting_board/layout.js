// Where arcs, cells and curves stand, and what is said of them: all that can be told without the page.
import { fill, measured } from "../_shared/numbers.js"

export const LEAST = 0.04 // the share of attention from which on an arc is drawn
const WIDEST = 9 // pixels of an arc that takes all attention

// The tokens that have a letter to tell: from the separator on.
export const answering = ({ read, answer }) => read.map((_, i) => i).slice(read.length - answer.length)

// The arcs of the tokens `from`: one for each head and each token that gets a share of it, the weakest first.
export function arcs(attention, from) {
  const found = attention.flatMap((rows, head) =>
    from.flatMap((i) => rows[i].map((share, j) => ({ head, i, j, share })).filter(({ share }) => share >= LEAST)),
  )
  return found.sort((a, b) => a.share - b.share)
}

// The path of an arc between the columns i and j of `count` over a `width`, from the bottom of a box `height` high. The
// heads' arcs lie beside each other; a token that looks at itself has a loop.
export function arcPath({ head, i, j }, { count, heads, width, height }) {
  const shift = (head - (heads - 1) / 2) * 7
  const [from, to] = [i, j].map((column) => ((column + 0.5) / count) * width + shift)
  if (i === j)
    return `M ${from - 6} ${height} C ${from - 16} ${height - 34}, ${from + 16} ${height - 34}, ${from + 6} ${height}`
  const rise = height * (0.35 + 0.62 * (Math.abs(i - j) / (count - 1)))
  return `M ${from} ${height} C ${from} ${height - rise}, ${to} ${height - rise}, ${to} ${height}`
}

export const arcWidth = (share) => 1 + (WIDEST - 1) * share

// What each answering token looks at most, in words: "head 1: > at a 86.0%, a at b 91.2%".
export function spokenHeads({ attention, read, answer, words }) {
  return attention
    .map((rows, head) => {
      const said = answering({ read, answer }).map((i) => {
        const share = Math.max(...rows[i])
        return fill(words.cell, { from: read[i], to: read[rows[i].indexOf(share)], share: measured(share) })
      })
      return `${fill(words.head, { number: head + 1 })}: ${said.join(", ")}`
    })
    .join("; ")
}

// The points of a curve in a box: `xs` from 0 to `last`, `ys` from 0 to `most`.
export function curvePoints(xs, ys, { last, most, left, right, top, foot }) {
  return xs
    .map((x, k) => {
      const across = left + (x / Math.max(last, 1)) * (right - left)
      return `${across.toFixed(1)},${(foot - (ys[k] / most) * (foot - top)).toFixed(1)}`
    })
    .join(" ")
}

// The letters that were typed, in lower case, if they are a question; null if they are not yet one.
export function question(typed, allowed) {
  const letters = typed.trim().toLowerCase()
  return letters.length === 3 && [...letters].every((letter) => allowed.includes(letter)) ? letters : null
}
