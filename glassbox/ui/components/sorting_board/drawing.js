// The drawings of the board: arcs over the tokens, a map of each head, and the curves.
import { css, mix } from "../_shared/colours.js"
import { setAttributes, svgElement } from "../_shared/dom.js"
import { fill, measured, steadyNumber, tickPercent } from "../_shared/numbers.js"
import { answering, arcPath, arcs, arcWidth, curvePoints, spokenHeads } from "./layout.js"

const ARCS_HEIGHT = 120
const CELL = 26 // pixels of a map's cell
const CURVES = { width: 340, height: 130, left: 44, right: 300, top: 20, foot: 112 }

// Draw the arcs of the token `picked`, or of all that have a letter to tell.
export function drawArcs(svg, data, picked) {
  const { attention, read, colours } = data
  const width = svg.clientWidth || 340
  const box = { count: read.length, heads: attention.length, width, height: ARCS_HEIGHT }
  setAttributes(svg, { viewBox: `0 0 ${width} ${ARCS_HEIGHT}`, "aria-label": spokenHeads(data) })
  svg.replaceChildren()
  for (const arc of arcs(attention, picked === null ? answering(data) : [picked])) {
    const look = {
      stroke: colours[arc.head],
      "stroke-width": arcWidth(arc.share),
      "stroke-opacity": 0.25 + 0.7 * arc.share,
    }
    svgElement("path", { d: arcPath(arc, box), fill: "none", "stroke-linecap": "round", ...look }, svg)
  }
}

// Draw a map of a head: row by row what each token looks at; what comes later is hidden from it. `told` gets the words
// for the cell that is pointed at.
export function drawMap(svg, data, head, theme, told) {
  const { attention, read, words, colours } = data
  const count = read.length
  const size = CELL * (count + 1)
  if (svg.dataset.count !== String(count)) {
    svg.dataset.count = count
    setAttributes(svg, { viewBox: `0 0 ${size} ${size}`, width: size, height: size, role: "img" })
    svg.replaceChildren()
    const middle = { "text-anchor": "middle", "dominant-baseline": "central", "font-size": 14, fill: "currentColor" }
    for (let k = 0; k < count; k++) {
      svgElement("text", { x: CELL * (k + 1.5), y: CELL / 2, ...middle }, svg)
      svgElement("text", { x: CELL / 2, y: CELL * (k + 1.5), ...middle }, svg)
    }
    for (let i = 0; i < count; i++)
      for (let j = 0; j <= i; j++)
        svgElement(
          "rect",
          { x: CELL * (j + 1), y: CELL * (i + 1), width: CELL - 1, height: CELL - 1, "data-at": `${i},${j}` },
          svg,
        )
  }
  svg.setAttribute("aria-label", fill(words.head, { number: head + 1 }))
  svg.querySelectorAll("text").forEach((label, k) => {
    label.textContent = read[k >> 1]
  })
  for (const rect of svg.querySelectorAll("rect")) {
    const [i, j] = rect.dataset.at.split(",").map(Number)
    const share = attention[head][i][j]
    setAttributes(rect, {
      fill: css(mix(theme.paper, theme.ink, share)),
      stroke: colours[head],
      "stroke-opacity": 0.35,
    })
    const tell = () =>
      told(
        `${fill(words.head, { number: head + 1 })}: ${fill(words.cell, { from: read[i], to: read[j], share: measured(share) })}`,
      )
    rect.onpointerenter = tell
    rect.onclick = tell
  }
}

// Draw the loss, a line, and the share of unseen questions answered rightly, dashed, by steps.
export function drawCurves(svg, { history, words }) {
  const { steps, losses, accuracies } = history
  const { width, height, left, right, top, foot } = CURVES
  const most = Math.max(...losses, 1e-9)
  const last = steps.at(-1)
  const spoken = fill(words.curves, {
    loss: steadyNumber(losses.at(-1)),
    share: measured(accuracies.at(-1)),
    steps: last,
  })
  setAttributes(svg, { viewBox: `0 0 ${width} ${height}`, "aria-label": spoken })
  svg.replaceChildren()
  const frame = { x: left, y: top, width: right - left, height: foot - top }
  svgElement("rect", { ...frame, fill: "none", stroke: "currentColor", "stroke-opacity": 0.4 }, svg)
  const text = (x, y, words, anchor = "start") =>
    svgElement("text", { x, y, "font-size": 12, "text-anchor": anchor, fill: "currentColor" }, svg, words)
  text(left - 4, top + 10, steadyNumber(most), "end")
  text(left - 4, foot, "0", "end")
  text(right + 4, top + 10, tickPercent(1))
  text(right + 4, foot, tickPercent(0))
  text(right, height - 4, `${words.steps} ${last.toLocaleString("en")}`, "end")
  text(left, 12, `━ ${words.loss}   ┅ ${words.accuracy}`)
  const box = { last, left, right, top, foot }
  const line = { fill: "none", stroke: "currentColor", "stroke-width": 2 }
  svgElement("polyline", { points: curvePoints(steps, losses, { ...box, most }), ...line }, svg)
  const dashed = { ...line, stroke: "var(--gb-positive)", "stroke-dasharray": "5 3" }
  svgElement("polyline", { points: curvePoints(steps, accuracies, { ...box, most: 1 }), ...dashed }, svg)
}
