// The arithmetic of one cell of a convolution's output, on the arrays that Python sent.
const SLACK = 2 ** -10 // float16 rounds the inputs and the engine's number by 2 ** -11 each

// Work out the cell at [map, row, column]: a product for each channel and each place of the kernel, and their sum.
// `known` is false where the weights of the map were not sent.
export function workOut({ data, input, kernels, biases, output }, [map, row, column]) {
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

// The channel whose part of the sum is the largest in size.
export const largestPart = (parts) =>
  parts.reduce((best, part, c) => (Math.abs(part) > Math.abs(parts[best]) ? c : best), 0)

export const largestProduct = (terms) => terms.reduce((most, { product }) => Math.max(most, Math.abs(product)), 0)

// The pooling window that the cell [map, row, column] lies in, or null where there is none.
export function poolingWindow({ pooling, output }, [, row, column]) {
  if (!pooling) return null
  const [, height, width] = output.shape
  if (!pooling.window) return { row: 0, column: 0, height, width }
  const [tall, wide] = pooling.window
  const top = Math.floor(row / pooling.strides[0]) * pooling.strides[0]
  const left = Math.floor(column / pooling.strides[1]) * pooling.strides[1]
  const whole = top + tall <= height && left + wide <= width
  return whole && row < top + tall && column < left + wide
    ? { row: top, column: left, height: tall, width: wide }
    : null
}

// The values of map number `map` in a pooling window, row by row.
export function windowValues({ data, output }, map, window) {
  const [, height, width] = data.output.shape
  const values = []
  for (let i = 0; i < window.height; i++)
    for (let j = 0; j < window.width; j++)
      values.push(output[(map * height + window.row + i) * width + window.column + j])
  return values
}

// The cell of the output, [row, column], whose receptive field has its middle at the shares [down, across] of the input.
export function outputCell({ input, kernels, dilations, padding, strides }, shares) {
  return shares.map((share, axis) => {
    const pixel = Math.floor(share * input.shape[1 + axis])
    const toMiddle = ((kernels.shape[2 + axis] - 1) * dilations[axis]) / 2
    return Math.round((pixel + padding[axis] - toMiddle) / strides[axis])
  })
}
