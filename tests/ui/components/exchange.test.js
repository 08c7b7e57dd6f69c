import assert from "node:assert/strict"
import { test } from "node:test"
import { hexadecimal, messageParts, numberAt } from "../../../glassbox/ui/components/exchange/fields.js"
import { end, quantile, serverTiming, waterfall } from "../../../glassbox/ui/components/exchange/waterfall.js"

const encode = (text) => new TextEncoder().encode(text)
const joined = (bytes, parts) =>
  parts.map(({ from, to }) => new TextDecoder().decode(bytes.subarray(from, to))).join("")
const named = (parts) => parts.filter(({ path }) => path).map(({ path }) => path)

const REQUEST =
  '{"inputs":[{"name":"picture","shape":[1,1,2,2],"datatype":"FP32","data":[0,0.5,1e-3,-2]}],"id":"a,}\\"]"}'

test("the parts of a message are all of it, each member by its path", () => {
  const bytes = encode(REQUEST)
  const parts = messageParts(bytes)
  assert.equal(joined(bytes, parts), REQUEST)
  assert.deepEqual(named(parts), [
    "inputs",
    "inputs[].name",
    "inputs[].shape",
    "inputs[].datatype",
    "inputs[].data",
    "id",
  ])
  const data = parts.find(({ path }) => path === "inputs[].data")
  assert.deepEqual(
    data.numbers.map((place) => numberAt(bytes, data, place)),
    [0, 0.5, 0.001, -2],
  )
  assert.deepEqual(parts.find(({ path }) => path === "inputs[].shape").numbers, [])
})

test("spaces, nesting and letters of two bytes keep their places", () => {
  const message =
    ' { "parameters" : { "für" : true , "b" : [ ] } ,\n "outputs" : [ { "data" : [[1, 2], [3]] } , {} ] } '
  const bytes = encode(message)
  const parts = messageParts(bytes)
  assert.equal(joined(bytes, parts), message)
  assert.deepEqual(named(parts), ["parameters", "parameters.für", "parameters.b", "outputs", "outputs[].data"])
  const data = parts.find(({ path }) => path === "outputs[].data")
  assert.deepEqual(
    data.numbers.map((place) => numberAt(bytes, data, place)),
    [1, 2, 3],
  )
})

test("tensors in binary follow the JSON, four bytes a number, the smallest first", () => {
  const header = '{"outputs":[{"name":"p","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}}]}'
  const bytes = new Uint8Array([...encode(header), 0, 0, 128, 63, 0, 0, 0, 191, 7])
  const parts = messageParts(bytes, header.length)
  const binary = parts.find(({ path }) => path === "outputs[].binary")
  assert.deepEqual([binary.from, binary.to], [header.length, header.length + 8])
  assert.deepEqual(
    binary.numbers.map((place) => numberAt(bytes, binary, place)),
    [1, -0.5],
  )
  assert.deepEqual(parts.at(-1), { from: header.length + 8, to: bytes.length, path: null, depth: 0, numbers: [] })
  assert.equal(hexadecimal(bytes.subarray(binary.from, binary.from + 4)), "00 00 80 3f")
})

test("a size that lies reads nothing beyond the end", () => {
  const header = '{"outputs":[{"datatype":"FP32","parameters":{"binary_data_size":4000}}]}'
  const bytes = new Uint8Array([...encode(header), 0, 0, 128, 63])
  assert.ok(!named(messageParts(bytes, header.length)).includes("outputs[].binary"))
})

test("what is no JSON is said to be none", () => {
  for (const wrong of ["", "<html>", '{"inputs":[', "{'a':1}"])
    assert.throws(() => messageParts(encode(wrong)), SyntaxError, wrong)
})

test("the server's phases are read from its header, and nothing else", () => {
  assert.deepEqual(serverTiming('parse;dur=0.12, run;desc="8";dur=2, cache, x;dur=-1, y;dur=a'), {
    parse: { duration: 0.12, said: "" },
    run: { duration: 2, said: "8" },
  })
  assert.deepEqual(serverTiming(null), {})
})

const lengths = (rows) => Object.fromEntries(rows.map(({ name, length }) => [name, length]))

test("the steps of a waterfall follow each other and add up to the time from sending to the end", () => {
  const timing = serverTiming("parse;dur=1, run;dur=2, other;dur=50")
  const { steps, phases } = waterfall({ sent: 100, began: 110, ended: 112, connect: 1 }, timing)
  assert.deepEqual(lengths(steps), { connect: 1, there: 3, server: 3, back: 3, receive: 2 })
  assert.deepEqual(lengths(phases), { load: 0, parse: 1, queue: 0, run: 2, serialise: 0 })
  for (const rows of [steps, phases])
    rows.reduce((at, { start, length }) => {
      assert.equal(start, at)
      return start + length
    }, 0)
  assert.equal(end(steps), 12)
})

test("a server that names more than was waited, by another clock, is cut to the wait", () => {
  const { steps } = waterfall({ sent: 0, began: 4, ended: 4, connect: 0 }, serverTiming("run;dur=6, parse;dur=2"))
  assert.deepEqual(lengths(steps), { connect: 0, there: 0, server: 4, back: 0, receive: 0 })
})

test("the median of a few times is one of them", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2)
  assert.equal(quantile([5], 0.5), 5)
})
