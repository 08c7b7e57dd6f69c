// The TensorFlow Playground's own steps of training, as its `oneStep` makes them: a network of 2-8-8-1 with tanh and a
// linear output, squared errors, ten examples a step. The first line on standard input has the examples, as JSON,
// [[x, y, target], ...]; each other a number of steps: those are made, and the last loss is written.
import { createInterface } from "node:readline"
import { Activations, Errors, backProp, buildNetwork, forwardProp, updateWeights } from "./nn.js"

const BATCH = 10
const RATE = 0.01
const network = buildNetwork([2, 8, 8, 1], Activations.TANH, Activations.LINEAR, null, ["x", "y"])
let examples
let at = 0

function step() {
  let loss = 0
  for (let i = 0; i < BATCH; i++) {
    const [x, y, target] = examples[at]
    at = (at + 1) % examples.length
    loss += Errors.SQUARE.error(forwardProp(network, [x, y]), target)
    backProp(network, target, Errors.SQUARE)
  }
  updateWeights(network, RATE, 0)
  return loss / BATCH
}

for await (const line of createInterface({ input: process.stdin })) {
  if (examples) {
    let loss = 0
    for (let i = 0; i < Number(line); i++) loss = step()
    process.stdout.write(`${loss}\n`)
  } else examples = JSON.parse(line)
}
