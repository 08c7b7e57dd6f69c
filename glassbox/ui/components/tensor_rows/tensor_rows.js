// Tensors as a list: a row each with the number that the visitor chose; a row that is opened shows all of them.
import { element, remembered, svgElement } from "../_shared/dom.js"
import { fill } from "../_shared/numbers.js"
import { matching, scaled } from "./rows.js"

const AT_ONCE = 200 // rows that are drawn before more are asked for
const MANY = 15 // rows from which on there is a place to search

export default function ({ data, parentElement, setTriggerValue }) {
  const list = remembered(parentElement.querySelector(".rows"), createList)
  list.tell = (place) => setTriggerValue("shown", place)
  list.show(data)
}

function createList(root) {
  const caption = root.querySelector(".caption")
  const search = root.querySelector("input")
  const [label, select] = [root.querySelector(".measure span"), root.querySelector("select")]
  const rows = root.querySelector("ol")
  const more = root.querySelector(".more")
  const list = { show, tell: null }
  const state = { data: null, drawn: "", measure: 0, most: AT_ONCE, opened: new Set() }

  search.oninput = () => {
    state.most = AT_ONCE
    draw()
  }
  select.onchange = () => {
    state.measure = Number(select.value)
    draw()
  }
  more.onclick = () => {
    state.most += AT_ONCE
    draw()
  }

  function show(data) {
    const drawn = JSON.stringify(data)
    if (drawn === state.drawn) return
    const names = (of) => of?.rows.map((row) => row.name).join("\n")
    if (names(state.data) !== names(data)) Object.assign(state, { opened: new Set(), most: AT_ONCE })
    Object.assign(state, { data, drawn, measure: Math.min(state.measure, data.measures.length - 1) })
    caption.textContent = data.caption
    label.textContent = data.words.number
    select.replaceChildren(
      ...data.measures.map((words, at) => {
        const option = element("option", "", null, words)
        option.value = at
        option.selected = at === state.measure
        return option
      }),
    )
    root.querySelector(".measure").hidden = data.measures.length < 2
    search.placeholder = data.words.search
    search.setAttribute("aria-label", data.words.search)
    search.hidden = data.rows.length < MANY
    rows.setAttribute("aria-label", data.caption)
    draw()
  }

  function draw() {
    const found = matching(state.data.rows, search.hidden ? "" : search.value)
    rows.replaceChildren(...found.slice(0, state.most).map(createRow))
    if (!found.length) element("li", "nothing", rows, state.data.words.nothing)
    more.hidden = found.length <= state.most
    more.textContent = fill(state.data.words.more, { count: found.length - state.most })
  }

  function createRow(place) {
    const row = state.data.rows[place]
    const item = element("li", row.marked ? "marked" : "")
    const details = element("details", "", item)
    const summary = element("summary", "", details)
    const name = element("span", "name", summary)
    element("b", "", name, row.name)
    element("small", "", name, row.about)
    const value = element("span", "value", summary, row.values[state.measure])
    const share = row.shares[state.measure]
    if (share !== null) {
      const bar = element("i", share < 0 ? "negative" : "", value)
      bar.style.setProperty("--share", Math.min(Math.abs(share), 1))
    }
    if (row.note) element("span", "note", summary, row.note)
    details.open = state.opened.has(place)
    if (details.open) fillDetails(details, row, place)
    details.ontoggle = () => {
      if (details.open) state.opened.add(place)
      else state.opened.delete(place)
      if (details.open && !details.querySelector(".inside")) fillDetails(details, row, place)
    }
    return item
  }

  function fillDetails(details, row, place) {
    const inside = element("div", "inside", details)
    const facts = element("dl", "", inside)
    for (const [words, number] of row.facts) {
      const pair = element("div", "", facts)
      element("dt", "", pair, words)
      element("dd", "", pair, number)
    }
    if (row.counts.some((count) => count > 0)) inside.append(createHistogram(row))
    if (!state.data.show) return
    const button = element("button", "", inside, state.data.show)
    button.type = "button"
    button.onclick = () => {
      list.tell(place)
      const target = state.data.leads && document.querySelector(`.st-key-${state.data.leads}`)
      target?.scrollIntoView({ block: "start" })
    }
  }

  function createHistogram(row) {
    const figure = element("figure")
    const heights = scaled(row.counts)
    const drawing = svgElement(
      "svg",
      {
        viewBox: `0 0 ${heights.length} 1`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": state.data.words.histogram,
      },
      figure,
    )
    heights.forEach((height, x) => svgElement("rect", { x: x + 0.05, y: 1 - height, width: 0.9, height }, drawing))
    const ends = element("figcaption", "", figure)
    for (const end of row.ends) element("span", "", ends, end)
    return figure
  }

  return list
}
