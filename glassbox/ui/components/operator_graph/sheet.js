// A drawing larger than its window: scrolled as anything is, zoomed by buttons, keys, Ctrl and the wheel or two fingers,
// dragged by the mouse. Only what is seen is drawn.
import { clamp } from "../_shared/numbers.js"

const LEAST_ZOOM = 0.04
const MOST_ZOOM = 2

// `draw(context, view)` draws the part that is seen; `size()`: the whole drawing's width and height; `tap(x, y)`,
// `point(x, y, event)` and `leave()` tell where in the drawing the visitor is.
export function createSheet(scroller, { draw, size, tap, point, leave }) {
  const paper = scroller.querySelector(".sheet")
  const canvas = scroller.querySelector("canvas")
  const overview = scroller.parentElement.querySelector(".overview")
  const marker = overview.querySelector("i")
  const state = { zoom: 1, waiting: false, fingers: new Map(), spread: 0, drag: null }
  const sheet = { refresh, fit, zoomBy, show, zoom: () => state.zoom }

  const view = () => ({
    x: scroller.scrollLeft / state.zoom - inset(),
    y: scroller.scrollTop / state.zoom,
    width: scroller.clientWidth / state.zoom,
    height: scroller.clientHeight / state.zoom,
    zoom: state.zoom,
  })

  // A drawing narrower than its window stands in the middle.
  const inset = () => Math.max(0, (scroller.clientWidth / state.zoom - size().width) / 2)

  function refresh() {
    const { width, height } = size()
    paper.style.width = `${Math.max(width * state.zoom, scroller.clientWidth)}px`
    paper.style.height = `${Math.max(height * state.zoom, scroller.clientHeight)}px`
    later()
  }

  function later() {
    if (state.waiting) return
    state.waiting = true
    requestAnimationFrame(paint)
  }

  function paint() {
    state.waiting = false
    const ratio = window.devicePixelRatio || 1
    const [wide, high] = [scroller.clientWidth, scroller.clientHeight]
    if (!wide) return
    if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
      Object.assign(canvas, { width: Math.round(wide * ratio), height: Math.round(high * ratio) })
      Object.assign(canvas.style, { width: `${wide}px`, height: `${high}px` })
    }
    const seen = view()
    draw(canvas.getContext("2d"), seen)
    const whole = Math.max(size().height, 1)
    marker.style.top = `${(overview.clientHeight * clamp(seen.y, 0, whole)) / whole}px`
    marker.style.height = `${overview.clientHeight * Math.min(seen.height / whole, 1)}px`
  }

  // Zoom so that the point of the drawing at (x, y) of the window stays where it is; by default its middle.
  function zoomBy(factor, x = scroller.clientWidth / 2, y = scroller.clientHeight / 2) {
    const before = view()
    const [at, down] = [before.x + x / state.zoom, before.y + y / state.zoom]
    state.zoom = clamp(state.zoom * factor, LEAST_ZOOM, MOST_ZOOM)
    refresh()
    scroller.scrollLeft = (at + inset()) * state.zoom - x
    scroller.scrollTop = down * state.zoom - y
  }

  // The whole width, and no smaller than can be read; `all`: all of it.
  function fit(all = false) {
    const { width, height } = size()
    const across = scroller.clientWidth / Math.max(width, 1)
    state.zoom = clamp(
      all ? Math.min(across, scroller.clientHeight / Math.max(height, 1)) : across,
      all ? LEAST_ZOOM : 0.5,
      1,
    )
    refresh()
    scroller.scrollLeft = (width * state.zoom - scroller.clientWidth) / 2
    scroller.scrollTop = 0
  }

  // Scroll so that a box is seen, in the middle if it was not.
  function show({ x, y, width, height }, always = false) {
    const seen = view()
    const inside =
      x >= seen.x && y >= seen.y && x + width <= seen.x + seen.width && y + Math.min(height, 60) <= seen.y + seen.height
    if (inside && !always) return later()
    scroller.scrollLeft = (x + width / 2 + inset()) * state.zoom - scroller.clientWidth / 2
    scroller.scrollTop = (y + Math.min(height, 60) / 2) * state.zoom - scroller.clientHeight / 2
    return later()
  }

  function place(event) {
    const box = scroller.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left - scroller.clientLeft, event.clientY - box.top - scroller.clientTop]
    const seen = view()
    return { x, y, at: [seen.x + x / state.zoom, seen.y + y / state.zoom] }
  }

  scroller.addEventListener("scroll", later, { passive: true })
  scroller.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const { x, y } = place(event)
      zoomBy(Math.exp(-event.deltaY / 300), x, y)
    },
    { passive: false },
  )
  scroller.onpointerdown = (event) => {
    if (event.pointerType === "touch") return
    state.drag = {
      x: event.clientX,
      y: event.clientY,
      left: scroller.scrollLeft,
      top: scroller.scrollTop,
      moved: false,
    }
  }
  scroller.onpointermove = (event) => {
    const { drag } = state
    if (drag && event.buttons) {
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y]
      if (Math.hypot(dx, dy) > 4) drag.moved = true
      if (!drag.moved) return
      scroller.classList.add("held")
      scroller.scrollLeft = drag.left - dx
      scroller.scrollTop = drag.top - dy
    } else if (event.pointerType !== "touch") point(...place(event).at, event)
  }
  scroller.onpointerleave = leave
  scroller.onpointerup = () => scroller.classList.remove("held")
  scroller.onclick = (event) => {
    const { drag } = state
    state.drag = null
    scroller.classList.remove("held")
    if (!drag?.moved) tap(...place(event).at)
  }
  const apart = ({ touches: [a, b] }) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)
  scroller.addEventListener(
    "touchstart",
    (event) => {
      if (event.touches.length === 2) state.spread = apart(event)
    },
    { passive: true },
  )
  scroller.addEventListener(
    "touchmove",
    (event) => {
      if (event.touches.length !== 2 || !state.spread) return
      event.preventDefault()
      const [a, b] = event.touches
      const { x, y } = place({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 })
      zoomBy(apart(event) / state.spread, x, y)
      state.spread = apart(event)
    },
    { passive: false },
  )
  const jump = (event) => {
    if (event.type === "pointermove" && !event.buttons) return
    const box = overview.getBoundingClientRect()
    scroller.scrollTop =
      ((event.clientY - box.top) / box.height) * size().height * state.zoom - scroller.clientHeight / 2
  }
  overview.onpointerdown = overview.onpointermove = jump
  new ResizeObserver(refresh).observe(scroller)
  return sheet
}
