// The brushes below the plane: to read values off it, to paint points of a class, to rub points out, or all of them.
import { element } from "../_shared/dom.js"
import { fill } from "../_shared/numbers.js"
import { addMarker } from "./pixels.js"

export const READ = "read"
export const ERASER = "erase"
const SPACING = 0.35 // between two points of a stroke, on the plane
const SPREAD = 0.5 // how wide a stroke scatters its points
const FLUSH = 100 // milliseconds between two parts of a stroke
const MOST_PLACES_SENT = 200

// Collect the places of a stroke and send them in parts. `send(places)` gets those that are new; `random` gives 0 to 1.
export function createStroke({ send, scatter, random = Math.random, now = () => performance.now() }) {
  let [last, fresh, since] = [null, [], now()]
  const flush = () => {
    if (fresh.length) send(fresh.splice(0, MOST_PLACES_SENT))
    since = now()
  }
  // Go on to a place of the plane, [x, y]; return the point that is painted there, or null where it is too near.
  function go([x, y]) {
    if (last && Math.hypot(x - last[0], y - last[1]) < SPACING) return null
    last = [x, y]
    const place = [x, y].map((value) => Math.round(100 * (value + (scatter ? SPREAD * (random() - 0.5) : 0))) / 100)
    fresh.push(place)
    if (now() - since >= FLUSH) flush()
    return place
  }
  return { go, end: flush }
}

// `onClear`: called when all points are to go.
export function createBrushes(root, view, onClear) {
  const state = { brush: READ, drawn: "" }

  function write() {
    const { data, theme } = view
    const { words, classes, version } = data
    root.hidden = !classes.length
    if (typeof state.brush === "number" && state.brush >= classes.length) state.brush = READ
    const drawn = JSON.stringify([classes, theme, version, words.brush_read])
    if (drawn !== state.drawn) build()
    state.drawn = drawn
    for (const button of root.querySelectorAll("[data-brush]"))
      button.setAttribute("aria-pressed", button.dataset.brush === String(state.brush))
  }

  function build() {
    const { data, theme } = view
    const { words, classes } = data
    root.setAttribute("aria-label", words.brushes)
    root.replaceChildren()
    create(words.brush_read, READ)
    classes.forEach((name, kind) => {
      const button = create("", kind)
      addMarker(button, kind, theme)
      button.append(fill(words.brush_paint, { name }))
    })
    create(words.brush_erase, ERASER)
    const clear = element("button", "", root, words.brush_clear)
    Object.assign(clear, { type: "button", onclick: onClear })
  }

  function create(text, brush) {
    const button = element("button", "", root, text)
    button.type = "button"
    button.dataset.brush = String(brush)
    button.onclick = () => {
      state.brush = brush
      write()
      view.brushChanged?.()
    }
    return button
  }

  return { write, brush: () => state.brush }
}
