import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { mock, test } from "node:test"
import { createRequests } from "../../../glassbox/ui/components/_shared/requests.js"
import { createStroke } from "../../../glassbox/ui/components/training_board/brushes.js"
import { curve, placesOf } from "../../../glassbox/ui/components/training_board/diagram.js"
import {
  axisText,
  decodeMaps,
  decodePoints,
  formula,
  hiddenSizes,
  lossText,
  mapValue,
  neuronName,
  sourceNames,
  valueAt,
} from "../../../glassbox/ui/components/training_board/message.js"

const base64 = (array) => Buffer.from(array.buffer).toString("base64")

const data = {
  features: [
    { name: "x", label: "x₁" },
    { name: "y", label: "x₂" },
    { name: "xy", label: "x₁ x₂" },
  ],
  chosen: ["y", "xy"],
  layers: [
    {
      weights: [
        [0.5, 1],
        [-0.25, 2],
      ],
      biases: [0.1, 0],
    },
    { weights: [[-1], [1]], biases: [-2] },
  ],
  classes: ["no", "yes"],
  words: { class: "class", output: "output" },
  activation: "tanh",
  last: "sigmoid",
  axes: { centre: [10, 0, 5], spread: [2, 1, 3] },
}

test("neurons are named by their layer and their place in it", () => {
  assert.deepEqual(
    [neuronName(data, 0, 2), neuronName(data, 1, 1), neuronName(data, 2, 0)],
    ["x₁ x₂", "h₁,₂", "output"],
  )
  const alone = { ...data, layers: [{ weights: [[1]], biases: [0] }, data.layers[1]] }
  assert.equal(neuronName(alone, 1, 0), "h₁")
  const three = { ...data, layers: [data.layers[0]] }
  assert.equal(neuronName(three, 1, 1), "class yes")
})

test("a neuron reads the chosen features, or the layer before", () => {
  assert.deepEqual(sourceNames(data, 1), ["x₂", "x₁ x₂"])
  assert.deepEqual(sourceNames(data, 2), ["h₁,₁", "h₁,₂"])
  assert.deepEqual(hiddenSizes(data), [2])
})

test("a formula has the numbers in it", () => {
  assert.equal(formula(data, 1, 0), "h₁,₁ = tanh(0.500·x₂ − 0.250·(x₁ x₂) + 0.100)")
  assert.equal(formula(data, 2, 0), "output = sigmoid(−1.00·h₁,₁ + 1.00·h₁,₂ − 2.00)")
  assert.equal(formula({ ...data, last: "softmax" }, 2, 0), "output = softmax(−1.00·h₁,₁ + 1.00·h₁,₂ − 2.00, …)")
  assert.equal(formula({ ...data, activation: "" }, 1, 1), "h₁,₂ = 1.00·x₂ + 2.00·(x₁ x₂) + 0")
})

test("maps are shares of their limit", () => {
  const sent = {
    side: 4,
    feature_maps: { cells: base64(Int8Array.of(127, -127, 0, 64)), limits: [2] },
    maps: [{ cells: base64(Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), limits: [1, 3] }],
    surface: { cells: base64(new Int16Array(32).fill(32767)), limit: 5 },
  }
  const [features, hidden, outputs] = decodeMaps(sent)
  assert.deepEqual([features.length, hidden.length, outputs.length], [1, 2, 2])
  assert.deepEqual([features[0].side, hidden[1].limit, outputs[1].side], [2, 3, 4])
  assert.deepEqual([...hidden[1].cells], [5, 6, 7, 8])
  const places = [
    [0, 0],
    [0.9, 0],
    [0.2, 0.7],
  ]
  assert.deepEqual(
    places.map((place) => valueAt(features[0], place)),
    [2, -2, 0],
  )
  assert.equal(valueAt(outputs[1], [0.999, 0.999]), 5)
})

test("points keep their order", () => {
  const points = decodePoints({ places: base64(Int16Array.of(-32767, 0)), values: [1], train: 1 })
  assert.deepEqual(points, { places: Int16Array.of(-32767, 0), values: [1], train: 1 })
})

test("values are read in the numbers that the data were given in", () => {
  assert.equal(axisText(data, -1, 0), "8")
  assert.equal(mapValue(data, 2, 2), 2)
  assert.equal(mapValue({ ...data, classes: [] }, 2, 2), 11)
  assert.equal(mapValue({ ...data, classes: [] }, 2, 1), 2)
  assert.equal(lossText(null), "–")
  assert.equal(lossText(0.5), "0.500")
})

test("columns stand side by side and their neurons in the middle of them", () => {
  const place = placesOf([3, 2, 1], 800, 440)
  assert.deepEqual(
    [0, 1, 2].map((column) => place(column, 0)[0]),
    [92, 422, 752],
  )
  assert.equal((place(1, 0)[1] + place(1, 1)[1]) / 2, place(2, 0)[1])
  assert.ok(place(0, 1)[1] - place(0, 0)[1] <= 52)
  assert.equal(placesOf([3, 2, 1], 320, 440)(0, 0)[0], 28) // on a phone
  assert.equal(curve([0, 0], [100, 50]), "M20,0 C50,0 50,50 80,50")
})

function waiting(ready) {
  mock.timers.enable({ apis: ["setTimeout"] })
  const sent = []
  const requests = createRequests({ ready, next: () => ({ kind: "train", epochs: 5 }) })
  requests.send = (request) => sent.push(request)
  return { requests, sent }
}

test("the next request follows the answer to the last one", (context) => {
  context.after(() => mock.timers.reset())
  const { requests, sent } = waiting(() => true)
  requests.train()
  requests.train()
  assert.deepEqual(sent, [{ kind: "train", epochs: 5, number: 1 }])
  requests.answered(0, false) // an answer to nothing that was asked
  mock.timers.tick(200)
  assert.equal(sent.length, 1)
  requests.answered(1, false)
  mock.timers.tick(200)
  assert.deepEqual(
    sent.map(({ number }) => number),
    [1, 2],
  )
})

test("what the visitor asks goes out at once, and its answer is the one waited for", (context) => {
  context.after(() => mock.timers.reset())
  const { requests, sent } = waiting(() => true)
  requests.train()
  requests.ask({ kind: "weight", value: 2 })
  assert.deepEqual(sent.at(-1), { kind: "weight", value: 2, number: 2 })
  requests.answered(1, false)
  mock.timers.tick(200)
  assert.equal(sent.length, 2)
})

test("no click is lost: what the visitor asks for waits its turn, and of two shapes the later one counts", (context) => {
  context.after(() => mock.timers.reset())
  const { requests, sent } = waiting(() => false)
  requests.ask({ kind: "shape", layers: [5] })
  for (const neurons of [6, 7, 8]) requests.ask({ kind: "shape", layers: [neurons] })
  requests.ask({ kind: "train", epochs: 1 })
  requests.ask({ kind: "train", epochs: 1 })
  assert.equal(sent.length, 1)
  requests.answered(0, false)
  assert.equal(requests.settled(), false)
  for (const number of [1, 2, 3, 4]) requests.answered(number, true)
  assert.equal(requests.settled(), true)
  const train = { kind: "train", epochs: 1 }
  assert.deepEqual(sent, [
    { kind: "shape", layers: [5], number: 1 },
    { kind: "shape", layers: [8], number: 2 },
    { ...train, number: 3 },
    { ...train, number: 4 },
  ])
})

test("what waits for its turn is bounded, and let go when something else is trained or nobody answers", (context) => {
  context.after(() => mock.timers.reset())
  const { requests, sent } = waiting(() => false)
  for (let i = 0; i < 99; i++) requests.ask({ kind: "train", epochs: 1 })
  requests.answered(0, true)
  assert.equal(requests.settled(), true)
  for (let i = 0; i < 99; i++) requests.ask({ kind: "train", epochs: 1 })
  for (let i = 0; i < 99; i++) mock.timers.tick(4000)
  assert.equal(requests.settled(), true)
  assert.equal(sent.length, 1 + 1 + 20)
})

test("a request without an answer is given up", (context) => {
  context.after(() => mock.timers.reset())
  const { requests, sent } = waiting(() => true)
  requests.train()
  mock.timers.tick(3999)
  assert.equal(sent.length, 1)
  mock.timers.tick(1)
  assert.equal(sent.length, 2)
})

test("nothing is asked while training stands still, nor for what is trained no more", (context) => {
  context.after(() => mock.timers.reset())
  let playing = true
  const { requests, sent } = waiting(() => playing)
  requests.train()
  playing = false
  requests.answered(0, true)
  mock.timers.tick(9999)
  assert.equal(sent.length, 1)
})

test("parts of a stroke that wait for an answer become one request", (context) => {
  context.after(() => mock.timers.reset())
  const { requests, sent } = waiting(() => true)
  const paint = (value, ...places) => requests.ask({ kind: "paint", value, places })
  paint(0, [0, 0])
  paint(0, [1, 1])
  paint(0, [2, 2])
  paint(1, [3, 3])
  requests.ask({ kind: "erase", places: [[4, 4]] })
  for (const number of [1, 2, 3, 4]) {
    requests.answered(number, false)
    mock.timers.tick(200)
  }
  assert.deepEqual(
    sent.slice(0, 4).map(({ kind, value, places }) => [kind, value, places.length]),
    [
      ["paint", 0, 1],
      ["paint", 0, 2],
      ["paint", 1, 1],
      ["erase", undefined, 1],
    ],
  )
  assert.equal(sent[4].kind, "train") // and training goes on
})

test("a stroke leaves its points apart, and sends them in parts while it lasts", () => {
  const sent = []
  let time = 0
  const stroke = createStroke({
    send: (places) => sent.push(places),
    scatter: true,
    random: () => 0.5,
    now: () => time,
  })
  assert.deepEqual(stroke.go([0, 0]), [0, 0])
  assert.equal(stroke.go([0.1, 0.1]), null) // too near
  assert.deepEqual(stroke.go([0.504, 0]), [0.5, 0])
  assert.deepEqual(sent, [])
  time = 150
  stroke.go([1, 1])
  assert.equal(sent[0].length, 3)
  stroke.end()
  assert.equal(sent.length, 1) // nothing is left to send
})

test("on a phone a feature's name has room between two of them", () => {
  const css = readFileSync(
    new URL("../../../glassbox/ui/components/training_board/training_board.css", import.meta.url),
    "utf8",
  )
  const narrow = css.slice(css.indexOf("@container"))
  const size = (pattern) => Number(narrow.match(pattern)[1])
  const [node, name] = [
    size(/gb-board-node \{ width: (\d+)px/),
    16 * size(/gb-board-name \{[^}]*font-size: ([\d.]+)rem; line-height: 1;/),
  ]
  const at = placesOf([7, 4, 1], 358, 16 * size(/gb-board-net \{ height: ([\d.]+)rem/))
  assert.ok(at(0, 1)[1] - at(0, 0)[1] >= node + name)
})
