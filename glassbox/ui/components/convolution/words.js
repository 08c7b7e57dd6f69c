// What is written beside the pictures: captions, scales, and the sum of the cell with its products.
import { css, mix } from "../_shared/colours.js"
import { element } from "../_shared/dom.js"
import { fill, number, steadyNumber } from "../_shared/numbers.js"
import { largestProduct, poolingWindow, windowValues } from "./arithmetic.js"
import { signed } from "./drawing.js"

const DEPTH = 0.55 // how much of a colour lies behind text, which stays legible

function writeScale(place, { low, colours, high, words }) {
  const bar = element("i")
  bar.style.background = `linear-gradient(90deg, ${colours.map(css)})`
  place.replaceChildren(low, bar, `${number(high)} ${words}`)
}

// What depends on the picture and the layer alone.
export function writeLabels(find, { data, at, theme }) {
  const { words, largest } = data
  const { paper, ink, negative, positive } = theme
  find(".back").textContent = words.back
  find(".step").textContent = words.step
  find(".where").textContent = words.keys
  find(".source canvas").setAttribute("aria-label", `${words.input}. ${words.keys}`)
  find(".result canvas").setAttribute("aria-label", `${fill(words.map, { map: at[0] + 1 })}. ${words.keys}`)
  find(".maps figcaption").textContent = fill(words.maps, { count: data.output.shape[0] })
  find(".maps canvas").setAttribute("aria-label", find(".maps figcaption").textContent)
  find(".channels").hidden = data.input.shape[0] === 1
  find(".maps .scale").hidden = data.input.shape[0] > 1
  writeScale(find(".source .scale"), { low: "0", colours: [paper, ink], high: largest.input, words: words.scale })
  writeScale(find(".result .scale"), { low: "0", colours: [paper, ink], high: largest.output, words: words.scale })
  const weights = {
    low: number(-largest.weight),
    colours: [negative, paper, positive],
    high: largest.weight,
    words: words.weights,
  }
  writeScale(find(".maps .scale"), weights)
}

// What depends on the cell.
export function writeCell(find, state, worked, channel) {
  const { data, at } = state
  const { words } = data
  const [map, row, column] = at
  const channels = data.input.shape[0]
  const part = { channel: channel + 1, count: channels }
  find(".source figcaption").textContent = channels > 1 ? fill(words.input_channel, part) : words.input
  const name = data.names[map] ? `: ${data.names[map]}` : ""
  find(".result figcaption").textContent = `${fill(words.map, { map: map + 1 })}${name} (${data.layer})`
  find(".maps canvas").title = `${fill(words.map, { map: map + 1 })}${name}`
  find(".title").textContent = fill(words.where, { map: map + 1, row: row + 1, column: column + 1 })
  const unknown = fill(words.open, { map: map + 1 })
  const caption = worked.known ? fill(words.channels, { count: channels, sum: steadyNumber(worked.sum) }) : unknown
  find(".channels figcaption").textContent = caption
  find(".channels canvas").setAttribute("aria-label", caption)
  if (worked.known) writeSum(find, state, worked, channel)
  else for (const emptied of [".products", ".sum .scale", "dl"]) find(emptied).replaceChildren()
  const engine = find(".engine")
  engine.className = `engine ${worked.known ? (worked.agrees ? "good" : "bad") : ""}`
  engine.textContent = worked.known
    ? fill(worked.agrees ? words.agrees : words.differs, { value: steadyNumber(worked.engine) })
    : unknown
  engine.title = worked.known ? fill(words.error, { error: number(Math.abs(worked.after - worked.engine)) }) : ""
  find(".pool").textContent = poolingText(state)
}

function writeSum(find, { data, theme }, worked, channel) {
  const { words } = data
  const [, channels, tall, wide] = data.kernels.shape
  const most = largestProduct(worked.terms)
  const colours = [theme.negative, theme.paper, theme.positive].map((end) => mix(theme.paper, end, DEPTH))
  writeScale(find(".sum .scale"), { low: number(-most), colours, high: most, words: words.products })
  const products = find(".products")
  products.style.gridTemplateColumns = `repeat(${wide}, minmax(0, 1fr))`
  products.replaceChildren()
  for (const term of worked.terms.slice(channel * tall * wide, (channel + 1) * tall * wide)) {
    const cell = element("div", term.inside ? "" : "outside", products)
    cell.style.background = css(signed(theme, term.product, most / DEPTH))
    cell.append(`${term.inside ? steadyNumber(term.value) : words.outside} × ${steadyNumber(term.weight)}`)
    element("b", "", cell, steadyNumber(term.product))
  }
  const count = { count: worked.terms.length, channels }
  const lines = [
    [fill(channels > 1 ? words.sum_many : words.sum_one, count), worked.sum],
    [words.bias, worked.bias],
    ["=", worked.before],
  ]
  if (data.relu) lines.push([words.relu, worked.after])
  const list = find("dl")
  list.replaceChildren()
  lines.forEach(([name, value], i) => {
    const last = i === lines.length - 1 ? "last" : ""
    element("dt", last, list, name)
    element("dd", last, list, steadyNumber(value))
  })
}

function poolingText(state) {
  const { words, pooling } = state.data
  const window = poolingWindow(state.data, state.at)
  if (!window) return ""
  const values = windowValues(state, state.at[0], window)
  if (pooling.max)
    return fill(words.max, { values: values.map(steadyNumber).join(", "), value: steadyNumber(Math.max(...values)) })
  return fill(words.average, {
    count: values.length,
    value: steadyNumber(values.reduce((a, b) => a + b, 0) / values.length),
  })
}
