// The text line by line, and arcs from the position that is pointed at to what a head reads there.
import { element, setAttributes, svgElement } from "../_shared/dom.js"
import { clamp, fill } from "../_shared/numbers.js"
import { arcPath, keyTarget, linesOf, wordsOf } from "./layout.js"

const SEEN = 0.02 // the least share that gets an arc

// `point(position, held)`: the pointer is there, or was there and left (null); `held`: it stays.
export function createPoem(root, point) {
  const poem = { build, draw }
  const state = { cells: [], ghost: null, lines: [], held: 0, data: null, svg: null }

  function build(data) {
    Object.assign(state, { data, lines: linesOf(data.signs), cells: [] })
    root.replaceChildren()
    root.classList.toggle("spaced", data.spaced)
    root.setAttribute("aria-label", `${data.words.text}. ${data.words.explore}`)
    Object.assign(root, { ariaValueMin: "1", ariaValueMax: String(data.signs.length) })
    state.svg = svgElement("svg", { "aria-hidden": "true" }, root)
    for (const line of state.lines) {
      const row = element("p", "line", root)
      for (const word of wordsOf(line, data)) {
        const box = data.spaced ? element("span", "word", row) : row
        for (const position of word) state.cells[position] = createCell(box, data, position)
      }
    }
    const last = data.signs.at(-1)[1]
    const row = last === "end" || last === "asked" ? element("p", "line", root) : root.lastChild
    state.ghost = element("span", "cell ghost", data.spaced ? (row.lastChild ?? row) : row)
    state.ghost.ariaHidden = "true"
  }

  function createCell(row, { signs, words }, position) {
    const [text, kind, reading, copied] = signs[position]
    const cell = element("span", `cell ${kind}`, row, text)
    if (reading) element("small", "", cell, reading)
    if (copied) {
      cell.classList.add("copied")
      cell.title = words.copied
    }
    if (kind === "unknown") cell.title = words.unknown
    if (kind === "asked") cell.title = words.asked
    if (kind === "end") cell.title = words.line_end
    return cell
  }

  // `shares`: how much the position `at` reads from each one up to it; `held`: the one that keys lead on from.
  function draw(at, shares, spoken, held) {
    const { data, cells, ghost, svg } = state
    state.held = held
    const steps = data.signs.length
    cells.forEach((cell, position) => {
      cell.classList.toggle("pointed", position === at)
      cell.classList.toggle("hidden", position > at)
      cell.style.setProperty("--share", position <= at ? shares[position] : 0)
    })
    ghost.textContent = data.behind[steps - 1].normed.at(-1)[0][0]
    ghost.classList.toggle("hidden", at !== steps - 1)
    root.ariaValueNow = String(at + 1)
    root.ariaValueText = spoken
    const box = root.getBoundingClientRect()
    setAttributes(svg, { viewBox: `0 0 ${box.width} ${box.height}`, width: box.width, height: box.height })
    const place = (cell) => {
      const { x, y, width, height } = cell.getBoundingClientRect()
      return { x: x - box.x, y: y - box.y, width, height }
    }
    const from = place(cells[at])
    const arcs = [...shares].flatMap((share, source) => {
      if (share < SEEN || source === at) return []
      const arc = svgElement("path", { d: arcPath(from, place(cells[source])) })
      arc.style.strokeWidth = 1 + 7 * share
      arc.style.opacity = clamp(0.35 + share, 0, 0.9)
      return [arc]
    })
    svg.replaceChildren(...arcs)
  }

  const under = (event) => state.cells.indexOf(event.target)
  root.onpointerover = (event) => {
    const at = under(event)
    if (event.pointerType === "mouse" && at >= 0) point(at, false)
  }
  root.onpointerleave = (event) => event.pointerType === "mouse" && point(null, false)
  root.onclick = (event) => {
    const at = under(event)
    if (at >= 0) point(at, true)
  }
  root.onkeydown = (event) => {
    const to = keyTarget(event.key, state.held, state.lines)
    if (to === undefined) return
    event.preventDefault()
    point(to, true)
  }
  new ResizeObserver(() => state.data && poem.redraw?.()).observe(root)
  return poem
}

// What a head reads at a position, in words: the sources with the largest shares.
export function readingWords({ signs, words }, shares, at, text) {
  const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a]).slice(0, 3)
  const sources = order
    .filter((source) => shares[source] >= SEEN)
    .map((source) =>
      fill(source === at ? words.reads_self : words.reads, { sign: signs[source][0], share: text(shares[source]) }),
    )
  return sources.join(words.comma)
}
