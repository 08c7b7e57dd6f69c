// What a lesson's frames say, apart from the page.
import { bytes } from "../_shared/arrays.js"

const SHORTEST = 80 // milliseconds of a frame
const LONGEST = 500
const WHOLE = 5000 // milliseconds of a film, if its frames are neither too short nor too long for that

// Return the frames with what is read as an array of labels.
export const decodeFrames = (frames) => frames.map((frame) => ({ ...frame, read: bytes(frame.read) }))

export const frameTime = (count) => Math.min(LONGEST, Math.max(SHORTEST, WHOLE / Math.max(1, count)))

// The counts of a frame beside the first one: how many are read rightly, and how many of these were not at first, or of
// those at first are not now; `rows`: those read rightly of each label.
export function countFrame(labels, first, now) {
  const right = (frame, i) => frame.read[i] === labels[i]
  const counts = { right: 0, forgotten: 0, learned: 0, rows: [] }
  labels.forEach((label, i) => {
    const [before, after] = [right(first, i), right(now, i)]
    counts.right += after
    counts.forgotten += before && !after
    counts.learned += after && !before
    counts.rows[label] = (counts.rows[label] ?? 0) + after
  })
  return counts
}

// The frame to begin with, and whether the film plays on from there: frames that were added to the lesson shown play.
export function beginning(before, { of, frames }) {
  const last = frames.length - 1
  if (before && before.of === of && before.count <= last) return { at: before.count - 1, plays: true }
  return { at: last, plays: false }
}
