import assert from "node:assert/strict"
import { beforeEach, mock, test } from "node:test"

import { GAP, liveSender } from "../../../glassbox/ui/components/canvas/live.js"

let now = 0
const sent = []
const wait = (ms) => {
  for (let left = ms; left > 0; left -= 1) {
    now += 1
    mock.timers.tick(1)
  }
}

beforeEach(() => {
  now = 0
  sent.length = 0
  mock.timers.reset()
  mock.timers.enable({ apis: ["setTimeout"] })
  mock.method(performance, "now", () => now)
})

const sender = () => liveSender(() => sent.push(now))

test("a short stroke sends nothing while it is drawn", () => {
  const live = sender()
  live.changed()
  wait(GAP - 1)
  live.stop()
  wait(5 * GAP)
  assert.deepEqual(sent, [])
})

test("a quick server is asked once a gap", () => {
  const live = sender()
  for (let i = 0; i < 4 * GAP; i += 10) {
    live.changed()
    if (sent.length) live.answered()
    wait(10)
  }
  assert.deepEqual(sent, [GAP, 2 * GAP, 3 * GAP, 4 * GAP])
})

test("no second message before the first is answered, or given up", () => {
  const live = sender()
  live.changed()
  wait(GAP)
  assert.equal(sent.length, 1)
  live.changed()
  wait(3 * GAP)
  assert.equal(sent.length, 1)
  live.answered()
  wait(1)
  assert.equal(sent.length, 2)
  live.changed()
  wait(10 * GAP)
  assert.equal(sent.length, 3)
})
