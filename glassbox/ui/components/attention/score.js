// The score of the next token as a sum: its parts, the heaviest first, each of which opens.
import { element } from "../_shared/dom.js"
import { fill, number } from "../_shared/numbers.js"
import { partsOf } from "./layout.js"

const MOST = 8 // parts shown at first

// `ask`: what a click asks the server for, see Asked in __init__.py.
export function createScore(section, ask) {
  const find = (name) => section.querySelector(name)
  const [title, note, compare, list, all, tick] = ["h2", ".note", ".compare", ".parts", ".all", ".tick"].map(find)
  const state = { shown: MOST, unfolded: new Set(), redraw: () => {} }
  all.onclick = () => {
    state.shown = state.shown === MOST ? Number.POSITIVE_INFINITY : MOST
    state.redraw()
  }

  function draw(data, added, at) {
    state.redraw = () => draw(data, added, at)
    const { words, behind } = data
    const here = behind[at]
    const names = { token: here.token, against: here.against, value: number(here.total) }
    title.textContent = fill(here.against ? words.score_against : words.score, names)
    const parts = partsOf(data, added, at)
    note.textContent = summary(data, parts, names, at)
    drawCompare(data, at)
    const most = Math.max(...parts.map(({ amount }) => Math.abs(amount)))
    list.replaceChildren(...parts.slice(0, state.shown).map((part) => createPart(data, part, at, most)))
    all.textContent = fill(state.shown === MOST ? words.more : words.fewer, { count: parts.length })
    all.hidden = parts.length <= MOST
    tick.textContent = `${here.close ? "✓" : "✗"} ${here.close ? words.agrees : words.differs}`
    tick.title = fill(words.tick, { sum: String(here.total), engine: String(here.engine), error: here.error })
  }

  // Whether the score stands alone or against another token's; the likeliest others are offered.
  function drawCompare(data, at) {
    const { words, behind } = data
    const { token, against, normed } = behind[at]
    const others = normed
      .at(-1)
      .map(([sign]) => sign)
      .filter((sign) => sign !== token)
      .slice(0, 3)
    const offered = ["", ...new Set(against ? [against, ...others] : others)]
    compare.replaceChildren(
      ...offered.map((sign) => {
        const button = element("button", "", null, sign ? fill(words.against, { token: sign }) : words.alone)
        Object.assign(button, { type: "button", onclick: () => ask({ kind: "against", token: sign }) })
        button.setAttribute("aria-pressed", String(sign === against))
        return button
      }),
    )
  }

  function createPart(data, part, at, most) {
    const key = `${part.kind}.${part.layer ?? ""}.${part.index ?? ""}`
    const item = element("li")
    const opens = part.pieces.length > 0
    const line = createLine(part, partName(data, part, at), most)
    item.append(line)
    if (part.kind === "rest") line.disabled = true
    if (!opens) {
      line.onclick = () => ask({ kind: "open", part: part.kind === "place" ? "position" : "token" })
      return item
    }
    const show = () => {
      const open = state.unfolded.has(key)
      line.setAttribute("aria-expanded", String(open))
      item.querySelector("ol")?.remove()
      if (open) item.append(createPieces(data, part, most))
    }
    line.onclick = () => {
      if (!state.unfolded.delete(key)) state.unfolded.add(key)
      show()
    }
    line.classList.add("opens")
    show()
    return item
  }

  function createPieces(data, part, most) {
    const { words, signs } = data
    const list = element("ol")
    for (const piece of part.pieces) {
      const head = part.kind === "head"
      const name = head
        ? fill(words.source, { sign: signs[piece.source][0] })
        : fill(words.neuron, { number: piece.neuron + 1 })
      const line = createLine(piece, name, most)
      const [index, source] = head ? [part.index, piece.source] : [piece.neuron, 0]
      line.onclick = () => ask({ kind: "open", part: head ? "head" : "neuron", layer: part.layer, index, source })
      line.title = words.open
      element("li", "", list).append(line)
    }
    if (Math.abs(part.rest) > 1e-3) {
      const others = createLine(
        { amount: part.rest },
        part.kind === "head" ? words.other_sources : words.other_neurons,
        most,
      )
      others.disabled = true
      element("li", "", list).append(others)
    }
    return list
  }
  return { draw }
}

function createLine({ amount }, name, most) {
  const line = element("button", amount < 0 ? "less" : "more")
  line.type = "button"
  element("span", "", line, name)
  element("i", "", line).style.setProperty("--share", Math.min(Math.abs(amount) / most, 1))
  element("em", "", line, signed(amount))
  return line
}

export const signed = (amount) => `${amount > 0 ? "+" : ""}${number(Math.abs(amount) < 5e-4 ? 0 : amount)}`

// What a part is called: "head 3 of layer 2, which reads 明".
export function partName({ words, signs, layers }, part, at) {
  const where = { layer: part.layer + 1, head: part.index + 1, sign: signs[at][0], layers }
  if (part.kind === "head") where.sign = signs[part.pieces[0].source][0]
  return fill(words[part.kind === "head" ? "head_reads" : part.kind], where)
}

// The score in a sentence: the heaviest parts by name.
export function summary(data, parts, names, at) {
  const { words } = data
  const told = parts
    .slice(0, 3)
    .map((part) => fill(words.part_told, { amount: signed(part.amount), name: partName(data, part, at) }))
  return fill(words.score_lead, { ...names, parts: told.join(words.comma) })
}
