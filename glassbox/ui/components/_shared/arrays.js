// Arrays as Python sends them: base64 of little-endian numbers.

export const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))

// Return the numbers of `text` as a typed array of `Kind`, for example Int16Array.
export const typedArray = (text, Kind) => new Kind(bytes(text).buffer)

export const float16Array = (text) => Float32Array.from(typedArray(text, Uint16Array), float16)

// The number whose IEEE 754 half-precision bits are `bits`: 1 of sign, 5 of exponent, 10 of fraction.
export function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction)
}

const READERS = {
  uint8: { width: 1, read: (view, at) => view.getUint8(at) / 255 },
  float16: { width: 2, read: (view, at) => float16(view.getUint16(at, true)) },
  float32: { width: 4, read: (view, at) => view.getFloat32(at, true) },
}

// Return the numbers of an array that convolution/__init__.py packed: zlib of all first bytes, then all second bytes and
// so on. An array of bytes becomes numbers from 0 to 1.
export async function unpack({ kind, data }) {
  const stream = new Blob([bytes(data)]).stream().pipeThrough(new DecompressionStream("deflate"))
  const planes = new Uint8Array(await new Response(stream).arrayBuffer())
  const { width, read } = READERS[kind]
  const count = planes.length / width
  const view = new DataView(new ArrayBuffer(planes.length))
  for (let i = 0; i < count; i++) for (let b = 0; b < width; b++) view.setUint8(i * width + b, planes[b * count + i])
  return Float64Array.from({ length: count }, (_, i) => read(view, i * width))
}
