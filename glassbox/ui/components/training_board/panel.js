// The neuron that was picked: its formula with the numbers in it, each of which can be changed.
import { element } from "../_shared/dom.js"
import { formula, sourceNames } from "./message.js"

// Write the panel of the neuron [column, row]; `onWeight` gets {layer, row, column, value}, where row -1 is the bias.
export function writePanel(find, data, [column, row], { playing, shape, onWeight }) {
  const { weights, biases } = data.layers[column - 1]
  const box = find("weights")
  const inputs = weights.length
  find("formula").textContent = formula(data, column, row)
  const key = [shape, column, row].join()
  if (box.dataset.key !== key) {
    box.dataset.key = key
    const names = [...sourceNames(data, column), data.words.bias]
    const changed = (i, value) => onWeight({ layer: column - 1, row: i < inputs ? i : -1, column: row, value })
    box.replaceChildren(...names.map((name, i) => createField(name, (value) => changed(i, value))))
  }
  box.querySelectorAll("input").forEach((input, i) => {
    const value = i < inputs ? weights[i][row] : biases[row]
    if (document.activeElement !== input || !playing) input.value = String(Number(value.toFixed(4)))
  })
}

function createField(name, changed) {
  const label = element("label", "", null, `${name} `)
  const input = element("input", "", label)
  Object.assign(input, { type: "number", step: "0.1", min: -1000, max: 1000 })
  input.onchange = () => Number.isFinite(input.valueAsNumber) && changed(input.valueAsNumber)
  return label
}

export function focusWeight(find, i) {
  const input = find("weights").querySelectorAll("input")[i]
  input?.focus()
  input?.select()
}
