import assert from "node:assert/strict"
import { test } from "node:test"
import { beginning, countFrame, decodeFrames, frameTime } from "../../../glassbox/ui/components/lesson_film/lesson.js"

const read = (...labels) => btoa(String.fromCharCode(...labels))
const labels = [0, 0, 1, 1]

test("a frame is counted beside the first one, and by label", () => {
  const [first, now] = decodeFrames([{ read: read(0, 5, 1, 1) }, { read: read(0, 0, 7, 1) }])
  assert.deepEqual(countFrame(labels, first, now), { right: 3, forgotten: 1, learned: 1, rows: [2, 1] })
  assert.deepEqual(countFrame(labels, first, first), { right: 3, forgotten: 0, learned: 0, rows: [1, 2] })
})

test("frames that are added to a lesson play from where it ended; another lesson is shown at its end", () => {
  const frames = Array(6)
  assert.deepEqual(beginning({ of: "mlp 1", count: 3 }, { of: "mlp 1", frames }), { at: 2, plays: true })
  assert.deepEqual(beginning({ of: "cnn 1", count: 3 }, { of: "mlp 1", frames }), { at: 5, plays: false })
  assert.deepEqual(beginning({ of: "mlp 1", count: 9 }, { of: "mlp 1", frames }), { at: 5, plays: false })
  assert.deepEqual(beginning(null, { of: "mlp 1", frames }), { at: 5, plays: false })
})

test("a short film is slow, a long one quick", () => {
  assert.equal(frameTime(5), 500)
  assert.equal(frameTime(25), 200)
  assert.equal(frameTime(300), 80)
})
