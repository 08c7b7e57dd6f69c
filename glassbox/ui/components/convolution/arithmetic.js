// The arithmetic of a convolution's cell, on arrays as Python packed them.
const SLACK = 2 ** -10 // float16 rounds the inputs and the engine's number by 2 ** -11 each

async function unpack({ kind, data }) {
  const packed = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))
  const planes = new Uint8Array(await new Response(stream).arrayBuffer())
  const width = { uint8: 1, float16: 2, float32: 4 }[kind]
  const count = planes.length / width
  const bytes = new DataView(new ArrayBuffer(planes.length))
  for (let i = 0; i < count; i++) for (let b = 0; b < width; b++) bytes.setUint8(i * width + b, planes[b * count + i])
  const read = { uint8: (i) => bytes.getUint8(i) / 255, float16: (i) => half(bytes.getUint16(2 * i, true)), float32: (i) => bytes.getFloat32(4 * i, true) }[kind]
  return Float64Array.from({ length: count }, (_, i) => read(i))
}

function half(bits) {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size = exponent === 31 ? (fraction ? NaN : Infinity) : exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24
  return bits & 32768 ? -size : size
}

const clamp = (value, most) => Math.min(Math.max(value, 0), most)
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])

function number(value) {
  if (value === 0) return "0"
  const size = Math.abs(value)
  const sign = value < 0 ? "−" : ""
  if (size >= 999.5 && size < 1e5) return sign + size.toFixed(0)
  if (size >= 0.001 && size < 1e5) return sign + size.toPrecision(3)
  const [mantissa, power] = size.toExponential(2).split("e")
  return `${sign}${mantissa} × 10${[...String(Number(power))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d] ?? "⁻").join("")}`
}

// One cell of the output, worked out: a product for each channel and each place of the kernel.
function work({ data, input, kernels, biases, output }, [map, row, column]) {
  const [channels, height, width] = data.input.shape
  const [sent, , tall, wide] = data.kernels.shape
  const local = map - data.kernels.first
  const engine = output[(map * data.output.shape[1] + row) * data.output.shape[2] + column]
  const top = row * data.strides[0] - data.padding[0]
  const left = column * data.strides[1] - data.padding[1]
  if (local < 0 || local >= sent) return { known: false, engine, top, left }
  const terms = []
  const parts = new Float64Array(channels)
  let sum = 0
  let magnitude = 0
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < tall; i++)
      for (let j = 0; j < wide; j++) {
        const y = top + i * data.dilations[0]
        const x = left + j * data.dilations[1]
        const inside = y >= 0 && x >= 0 && y < height && x < width
        const value = inside ? input[(c * height + y) * width + x] : 0
        const weight = kernels[((local * channels + c) * tall + i) * wide + j]
        const product = value * weight
        terms.push({ inside, value, weight, product })
        parts[c] += product
        sum += product
        magnitude += Math.abs(product)
      }
  const bias = biases[map]
  const before = sum + bias
  const after = data.relu ? Math.max(0, before) : before
  const agrees = Math.abs(after - engine) <= SLACK * (magnitude + Math.abs(bias)) + 1e-6
  return { known: true, terms, parts, sum, bias, before, after, engine, agrees, top, left }
}

// The pooling window that a cell lies in, or null where there is none.
function pooled({ pooling, output }, [, row, column]) {
  if (!pooling) return null
  const [, height, width] = output.shape
  if (!pooling.window) return { row: 0, column: 0, height, width }
  const [y, x] = [Math.floor(row / pooling.strides[0]), Math.floor(column / pooling.strides[1])]
  const place = { row: y * pooling.strides[0], column: x * pooling.strides[1], height: pooling.window[0], width: pooling.window[1] }
  const whole = place.row + place.height <= height && place.column + place.width <= width
  return whole && row < place.row + place.height && column < place.column + place.width ? place : null
}
