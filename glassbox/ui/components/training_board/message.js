// What Python sent of the training, as arrays and words.
import { typedArray } from "../_shared/arrays.js"
import { lowered, number, steadyNumber } from "../_shared/numbers.js"

// Return the maps of all columns of the network: of the features, the neurons of each hidden layer, the outputs. A map is
// {side, cells, top, limit}: side x side whole numbers from -top to top, which stand for -limit to limit.
export function decodeMaps({ side, feature_maps: features, maps, surface }) {
  const outputs = split(typedArray(surface.cells, Int16Array), side, 32767)
  return [
    ...[features, ...maps].map((packed) => neuronMaps(packed, side / 2)),
    outputs.map((map) => ({ ...map, limit: surface.limit })),
  ]
}

const neuronMaps = ({ cells, limits }, side) =>
  split(typedArray(cells, Int8Array), side, 127).map((map, i) => ({ ...map, limit: limits[i] }))

function split(cells, side, top) {
  const size = side ** 2
  return Array.from({ length: cells.length / size }, (_, i) => ({
    side,
    top,
    cells: cells.subarray(i * size, (i + 1) * size),
  }))
}

// The value of a map at [x, y], shares of its width and height.
export function valueAt({ side, cells, top, limit }, [x, y]) {
  const [row, column] = [y, x].map((share) => Math.min(side - 1, Math.floor(share * side)))
  return (cells[row * side + column] / top) * limit
}

export const decodePoints = ({ places, values, train }) => ({ places: typedArray(places, Int16Array), values, train })

// The neurons of each hidden layer.
export const hiddenSizes = ({ layers }) => layers.slice(0, -1).map(({ biases }) => biases.length)

// The name of a neuron; column 0 are the features, the last column are the outputs.
export function neuronName({ features, layers, classes, words }, column, row) {
  if (!column) return features[row].label
  const count = layers[column - 1].biases.length
  if (column === layers.length) return count > 1 ? `${words.class} ${classes[row]}` : words.output
  return `h${lowered(column)}${count > 1 ? `,${lowered(row + 1)}` : ""}`
}

// The row of each neuron that the layer before `column` gives: of the features only those chosen.
export function sourceRows({ features, chosen, layers }, column) {
  const rows = layers[column - 1].weights.map((_, i) => i)
  return column > 1 ? rows : rows.map((i) => features.findIndex(({ name }) => name === chosen[i]))
}

export const sourceNames = (data, column) => sourceRows(data, column).map((row) => neuronName(data, column - 1, row))

// The formula of a neuron with its numbers: "h₁,₁ = tanh(0.500·x₁ − 0.250·x₂ + 0.100)".
export function formula(data, column, row) {
  const { weights, biases } = data.layers[column - 1]
  const term = (value, factor, first) => {
    const sign = value < 0 ? (first ? "−" : " − ") : first ? "" : " + "
    return `${sign}${steadyNumber(Math.abs(value))}${factor}`
  }
  const factors = sourceNames(data, column).map((source) => (source.includes(" ") ? `·(${source})` : `·${source}`))
  const products = weights.map((from, i) => term(from[row], factors[i], i === 0))
  const sum = products.join("") + term(biases[row], "", false)
  const activation = column === data.layers.length ? data.last : data.activation
  const applied = activation === "softmax" ? `softmax(${sum}, …)` : activation ? `${activation}(${sum})` : sum
  return `${neuronName(data, column, row)} = ${applied}`
}

// A value on an axis (0 and 1 of the plane, 2 of the output) in the numbers that the data were given in: one's own data
// are stretched to fill the plane.
export const givenValue = ({ axes }, value, axis) => axes.centre[axis] + value * axes.spread[axis]

// A value of a neuron's map as it is read: outputs that are no class in the numbers that the data were given in.
export function mapValue(data, value, column) {
  const regression = column === data.layers.length && !data.classes.length
  return regression ? givenValue(data, value, 2) : value
}

export const lossText = (loss) => (loss === null ? "–" : steadyNumber(loss))

export const axisText = (data, value, axis) => number(givenValue(data, value, axis))
