import assert from "node:assert/strict"
import { test } from "node:test"
import { deflateSync } from "node:zlib"
import { float16, float16Array, typedArray, unpack } from "../../../glassbox/ui/components/_shared/arrays.js"

const base64 = (array) => Buffer.from(array.buffer).toString("base64")

test("half precision, by its bits", () => {
  const cases = [
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504], // the largest
    [0x0400, 2 ** -14], // the smallest normal number
    [0x0001, 2 ** -24], // the smallest of all
    [0x83ff, -(1023 / 1024) * 2 ** -14],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
    [0xfc01, NaN],
  ]
  for (const [bits, value] of cases) assert.equal(float16(bits), value)
  assert.ok(Object.is(float16(0x8000), -0))
})

test("each finite half precision number is the mirror of its negative, and larger than the one before", () => {
  for (let bits = 1; bits < 0x7c00; bits++) {
    assert.ok(float16(bits) > float16(bits - 1))
    assert.equal(float16(bits | 0x8000), -float16(bits))
  }
})

test("arrays arrive as they were sent", () => {
  assert.deepEqual(float16Array(base64(Uint16Array.of(0x3c00, 0xb800))), Float32Array.of(1, -0.5))
  assert.deepEqual(typedArray(base64(Int8Array.of(-127, 0, 5)), Int8Array), Int8Array.of(-127, 0, 5))
  assert.deepEqual(typedArray(base64(Int16Array.of(-32767, 300)), Int16Array), Int16Array.of(-32767, 300))
})

// As convolution/__init__.py packs: all first bytes together, then all second bytes, and so on.
function packed(kind, array) {
  const bytes = Buffer.from(array.buffer)
  const width = array.BYTES_PER_ELEMENT
  const planes = Buffer.alloc(bytes.length)
  bytes.forEach((byte, at) => {
    planes[(at % width) * array.length + Math.floor(at / width)] = byte
  })
  return { kind, data: deflateSync(planes).toString("base64") }
}

test("packed arrays are unpacked", async () => {
  assert.deepEqual(await unpack(packed("float32", Float32Array.of(1.5, -0.25, 3e7))), Float64Array.of(1.5, -0.25, 3e7))
  assert.deepEqual(await unpack(packed("float16", Uint16Array.of(0x3c00, 0x7c00))), Float64Array.of(1, Infinity))
  assert.deepEqual(await unpack(packed("uint8", Uint8Array.of(0, 51, 255))), Float64Array.of(0, 0.2, 1))
})
