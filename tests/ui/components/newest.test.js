import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { showNewest } from "../../../glassbox/ui/components/_shared/newest.js"

globalThis.location = { pathname: "/read" }

// A component on a page, and the server as the test plays it: `sent` holds the events, `answer(data, number)` shows data
// that follow from the event of that number.
function mounted() {
  const [parentElement, sent, shown, cleanUp] = [{}, [], [], mock.fn()]
  let send = null
  let set = null
  const draw = showNewest(({ data, setStateValue, setTriggerValue }) => {
    shown.push(data)
    send = setTriggerValue
    set = setStateValue
    return cleanUp
  })
  const setTriggerValue = (name, event) => sent.push([name, event])
  const setStateValue = (name, value) => sent.push([name, value])
  const answer = (data, number) => draw({ parentElement, setStateValue, setTriggerValue, data: [data, number] })
  answer("first", 0)
  const number = (i) => sent[i][1].number
  return {
    sent,
    shown,
    cleanUp,
    answer,
    send: (value) => send("asked", value),
    set: (value) => set("drawn", value),
    number,
  }
}

test("an event carries its value, and a number that grows within the same millisecond", (context) => {
  mock.timers.enable({ apis: ["Date"], now: 1000 })
  context.after(() => mock.timers.reset())
  const { sent, send } = mounted()
  send("a")
  send("b")
  assert.deepEqual(sent, [
    ["asked", { number: 1000, value: "a" }],
    ["asked", { number: 1001, value: "b" }],
  ])
})

test("data that answer an earlier event than the last are not shown", () => {
  const { shown, send, number, answer } = mounted()
  send("a")
  send("b")
  answer("of a", number(0))
  assert.deepEqual(shown, ["first"])
  answer("of b", number(1))
  answer("of b in another theme", number(1))
  assert.deepEqual(shown, ["first", "of b", "of b in another theme"])
})

test("where the answer to the last event does not come, the latest data are shown after a while", (context) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1000 })
  context.after(() => mock.timers.reset())
  const { shown, send, answer } = mounted()
  send("a")
  answer("before a", 0)
  mock.timers.tick(3000)
  answer("in a new session", 0)
  assert.deepEqual(shown, ["first"])
  mock.timers.tick(1000)
  assert.deepEqual(shown, ["first", "in a new session"])
  mock.timers.tick(10_000)
  assert.equal(shown.length, 2)
})

test("nothing is shown any more once the component has gone", (context) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1000 })
  context.after(() => mock.timers.reset())
  const { shown, cleanUp, send, answer } = mounted()
  send("a")
  answer("before a", 0)()
  assert.equal(cleanUp.mock.callCount(), 1)
  mock.timers.tick(10_000)
  assert.deepEqual(shown, ["first"])
})

test("two places on the page have numbers of their own", () => {
  const [one, other] = [mounted(), mounted()]
  one.send("a")
  other.answer("second", 0)
  assert.deepEqual(other.shown, ["first", "second"])
})

test("once the page is left, nothing more is sent from it", (context) => {
  context.after(() => (location.pathname = "/read"))
  const { sent, send, set } = mounted()
  set("a stroke")
  send("a")
  location.pathname = "/mlp"
  set("another stroke")
  send("b")
  assert.deepEqual(
    sent.map(([name, event]) => [name, event.value ?? event]),
    [
      ["drawn", "a stroke"],
      ["asked", "a"],
    ],
  )
})
