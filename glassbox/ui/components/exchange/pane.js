// A message as it travels, head and body, in parts that can be touched.
import { element } from "../_shared/dom.js"
import { hexadecimal, messageParts, numberAt } from "./fields.js"

const DECODER = new TextDecoder()

// `touch(part, number)`: what is pointed at, focused or tapped; `number`: the place of a number in it, or null.
export function createPane(section, touch) {
  const [title, size] = section.querySelectorAll("header > *")
  const box = section.querySelector(".message")
  const state = { parts: [], spans: [], bytes: null, here: 0 }

  // Show the message: `lines` [{ path, text }] of its head and the `bytes` of its body, of which `jsonLength` are JSON.
  function show({ name, said, lines, bytes, jsonLength }) {
    title.textContent = name
    size.textContent = said
    box.setAttribute("aria-label", `${name}, ${said}`)
    const head = lines.map(({ path, text }) => ({ path, text, depth: 0, numbers: [] }))
    Object.assign(state, { bytes, parts: [...head, ...bodyParts(bytes, jsonLength)], spans: [] })
    const column = document.createDocumentFragment()
    let line = null
    state.parts.forEach((part, place) => {
      // A member begins a line of its own, and what stands between two members stays on the line before.
      if (part.path || place === head.length) {
        line = element("div", place === head.length ? "line first" : "line", column)
        line.style.setProperty("--depth", part.depth)
      }
      write(part, place, line)
    })
    box.replaceChildren(column)
    state.here = Math.min(state.here, state.spans.length - 1)
    state.spans[Math.max(state.here, 0)]?.setAttribute("tabindex", "0")
  }

  function bodyParts(bytes, jsonLength) {
    try {
      return messageParts(bytes, jsonLength ?? bytes.length)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      return [{ from: 0, to: bytes.length, path: "body", depth: 0, numbers: [] }]
    }
  }

  function write(part, place, line) {
    if (!part.path) return line.append(DECODER.decode(state.bytes.subarray(part.from, part.to)))
    const span = element("span", part.numbers.length ? "part many" : "part", line)
    span.dataset.place = place
    span.setAttribute("role", "button")
    span.tabIndex = -1
    state.spans.push(span)
    if (part.text !== undefined) span.textContent = part.text
    else if (part.numbers.length) writeNumbers(part, span)
    else span.textContent = DECODER.decode(state.bytes.subarray(part.from, part.to))
    return span
  }

  function writeNumbers(part, span) {
    let at = part.from
    const shown = (from, to) =>
      part.datatype ? hexadecimal(state.bytes.subarray(from, to)) : DECODER.decode(state.bytes.subarray(from, to))
    part.values = part.numbers.map((number) => numberAt(state.bytes, part, number))
    part.numbers.forEach(([from, to], i) => {
      if (from > at) span.append(shown(at, from))
      const one = element("i", "", span, shown(from, to))
      one.dataset.number = i
      const share = Math.min(Math.abs(part.values[i]), 1)
      if (share) one.style.setProperty("--share", share)
      else one.className = "zero"
      if (part.datatype) span.append(" ")
      at = to
    })
    if (part.to > at) span.append(shown(at, part.to))
  }

  // Name what each part is to screen readers: `named(part)`.
  function label(named) {
    for (const span of state.spans) span.setAttribute("aria-label", named(state.parts[span.dataset.place]))
  }

  // Mark a part and, of its numbers, one; null for none.
  function mark(place, number, scroll = false) {
    for (const marked of box.querySelectorAll(".here")) marked.classList.remove("here")
    const span = state.spans.find((one) => Number(one.dataset.place) === place)
    span?.classList.add("here")
    const one = number === null ? null : span?.querySelector(`[data-number="${number}"]`)
    one?.classList.add("here")
    if (scroll && one)
      box.scrollTop += one.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 2
  }

  function touched(event) {
    const span = event.target.closest?.(".part")
    if (!span || !box.contains(span)) return
    const number = event.target.dataset.number
    touch(state.parts[span.dataset.place], number === undefined ? null : Number(number))
  }

  function focus(place) {
    const to = state.spans[Math.min(Math.max(place, 0), state.spans.length - 1)]
    if (!to) return
    state.spans[state.here]?.setAttribute("tabindex", "-1")
    state.here = state.spans.indexOf(to)
    to.tabIndex = 0
    to.focus()
  }

  // Not onpointerover: what scrolls below a mouse that rests, as the keyboard moves on, is not pointed at.
  box.onpointermove = (event) => event.pointerType === "mouse" && touched(event)
  box.onclick = touched
  box.addEventListener("focusin", (event) => {
    const span = event.target.closest(".part")
    if (!span) return
    state.here = state.spans.indexOf(span)
    if (span.matches(":focus-visible")) touch(state.parts[span.dataset.place], null)
  })
  box.onkeydown = (event) => {
    const last = state.spans.length - 1
    const to = { ArrowUp: state.here - 1, ArrowDown: state.here + 1, Home: 0, End: last }[event.key]
    if (to !== undefined) focus(to)
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const part = state.parts[state.spans[state.here]?.dataset.place]
    if (step && part?.numbers.length) {
      const now = Number(box.querySelector("i.here")?.dataset.number ?? (step > 0 ? -1 : part.numbers.length))
      touch(part, Math.min(Math.max(now + step, 0), part.numbers.length - 1), true)
    } else if (event.key === "Enter" || event.key === " ") {
      if (part) touch(part, null)
    } else if (to === undefined) return
    event.preventDefault()
  }
  return { show, label, mark, parts: () => state.parts, tensor: () => state.parts.find((part) => part.values) }
}
