// A sheet to draw on. Python gets all strokes after every stroke, undo, clear and change of pen, and now and then while
// the pen is down.
import { typedArray } from "../_shared/arrays.js"
import { arrowStep } from "../_shared/cells.js"
import { forget, remembered } from "../_shared/dom.js"
import { liveSender } from "./live.js"
import { beginStroke, extendStroke, onSheet } from "./strokes.js"

const STEP = 0.02 // one press of an arrow key
const FAST = 4 // times that with the shift key
const PEN_SIDE = 280 // pixels of the sheet that the pen's thickness is given for
const DIGIT_SIDE = 28 // pixels of the digit that lies on an empty sheet
const COLOURS = { ink: "#1b222c", ghost: "#8b94a3", cursor: "#2a5db0", penDown: "#d0591b" }

const GHOST = [139, 148, 163] // the same grey, as red, green and blue

export default function ({ data, parentElement, setStateValue }) {
  const sheet = remembered(parentElement, createSheet)
  sheet.send = (drawing) => setStateValue("drawing", drawing)
  sheet.receive(data)
  return () => {
    sheet.watcher.disconnect()
    forget(parentElement)
  }
}

function createSheet(root) {
  const find = (selector) => root.querySelector(selector)
  const [canvas, pen, said, undo, clear] = [".sheet", ".pen input", ".said", ".undo", ".clear"].map(find)
  // `stroke`: the one that is being drawn; `cursor`: the place of the keyboard's pen; `cleared`: the strokes that were on the
  // sheet before it was cleared; `emptied`: the visitor took the last stroke away, so no digit lies there in grey.
  const state = {
    strokes: [],
    thickness: 18,
    ghost: false,
    version: null,
    words: {},
    stroke: null,
    cursor: null,
    pointer: null,
    cleared: null,
    emptied: false,
  }
  const digit = Object.assign(document.createElement("canvas"), { width: DIGIT_SIDE, height: DIGIT_SIDE })
  const sheet = { send: null, watcher: new ResizeObserver(draw), receive }
  const live = liveSender(() => sheet.send({ strokes: state.strokes, thickness: state.thickness, live: true }))

  function receive({ words, version, strokes, thickness, ghost, digit: pixels }) {
    state.words = words
    live.answered()
    paintDigit(pixels)
    canvas.setAttribute("aria-label", `${words.sheet}. ${words.keys}`)
    const texts = {
      ".keys": words.keys,
      ".undo span": words.undo,
      ".clear span": words.clear,
      ".pen span": words.thickness,
    }
    for (const [selector, text] of Object.entries(texts)) find(selector).textContent = text
    if (state.version !== version) {
      const given = { version, strokes: structuredClone(strokes), thickness, ghost }
      Object.assign(state, given, { cleared: null, emptied: false })
      pen.value = thickness
    }
    draw()
  }

  // The digit that the networks read, uint8 as base64, in the grey of a ghost.
  function paintDigit(pixels) {
    const context = digit.getContext("2d")
    const image = context.createImageData(DIGIT_SIDE, DIGIT_SIDE)
    typedArray(pixels, Uint8Array).forEach((ink, i) => image.data.set([...GHOST, ink], 4 * i))
    context.putImageData(image, 0, 0)
  }

  function send(words) {
    sheet.send({ strokes: state.strokes, thickness: state.thickness, live: false })
    said.textContent = words
    draw()
  }

  function begin(place) {
    if (state.ghost) Object.assign(state, { strokes: [], ghost: false })
    state.stroke = beginStroke(state.strokes, place)
    if (state.stroke) draw()
  }

  function extend(place) {
    if (!extendStroke(state.strokes, state.stroke, place)) return
    draw()
    live.changed()
  }

  function finish() {
    if (!state.stroke) return
    state.stroke = null
    live.stop()
    send(state.words.stroke_done)
  }

  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
  }
  canvas.onpointerdown = (event) => {
    if (event.button !== 0 || state.stroke) return
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    Object.assign(state, { pointer: event.pointerId, cursor: null })
    begin(placeOf(event))
  }
  canvas.onpointermove = (event) => {
    if (!state.stroke || event.pointerId !== state.pointer) return
    const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : []
    for (const move of moves.length ? moves : [event]) extend(placeOf(move))
  }
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (event.pointerId === state.pointer) finish()
  }

  function moveCursor([down, right], fast) {
    const [x, y] = state.cursor ?? [0.5, 0.5]
    const length = STEP * (fast ? FAST : 1)
    state.cursor = onSheet([x + right * length, y + down * length])
    if (state.stroke) extend(state.cursor)
    draw()
  }

  function turnPen() {
    state.cursor ??= [0.5, 0.5]
    if (state.stroke) return finish()
    begin(state.cursor)
    said.textContent = state.words.pen_down
  }

  canvas.onkeydown = (event) => {
    const arrow = arrowStep(event.key)
    if ((event.ctrlKey || event.metaKey) && event.key === "z") undo.click()
    else if (arrow) moveCursor(arrow, event.shiftKey)
    else if (event.key === " " || event.key === "Enter") {
      if (!event.repeat) turnPen()
    } else if (event.key === "Escape" && state.stroke) {
      finish()
      said.textContent = state.words.pen_up
    } else return
    event.preventDefault()
  }
  canvas.onfocus = () => {
    if (canvas.matches(":focus-visible")) state.cursor ??= [0.5, 0.5]
    draw()
  }
  canvas.onblur = () => {
    state.cursor = null
    finish()
    draw()
  }

  undo.onclick = () => {
    Object.assign(state, { ghost: false, emptied: true })
    if (state.strokes.pop()) send(state.words.undone)
    else if (state.cleared) {
      Object.assign(state, { strokes: state.cleared, cleared: null })
      send(state.words.restored)
    }
  }
  clear.onclick = () => {
    Object.assign(state, { cleared: state.strokes, strokes: [], ghost: false, emptied: true })
    send(state.words.cleared)
    canvas.focus({ preventScroll: true })
  }
  pen.oninput = () => {
    state.thickness = Number(pen.value)
    draw()
  }
  pen.onchange = () => state.strokes.length && send("")

  function draw() {
    const side = canvas.clientWidth
    if (!side) return
    const pixels = Math.round(side * (window.devicePixelRatio || 1))
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels
    const context = canvas.getContext("2d")
    context.clearRect(0, 0, pixels, pixels)
    if (!state.strokes.length && !state.emptied) context.drawImage(digit, 0, 0, pixels, pixels)
    const strokeStyle = state.ghost ? COLOURS.ghost : COLOURS.ink
    Object.assign(context, {
      lineCap: "round",
      lineJoin: "round",
      lineWidth: (state.thickness / PEN_SIDE) * pixels,
      strokeStyle,
    })
    for (const stroke of state.strokes) {
      context.beginPath()
      context.moveTo(stroke[0][0] * pixels, stroke[0][1] * pixels)
      for (const [x, y] of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(x * pixels, y * pixels)
      context.stroke()
    }
    if (state.cursor) drawCursor(context, pixels, pixels / side)
    clear.disabled = !state.strokes.length
    undo.disabled = clear.disabled && !state.cleared
    const { hint, hint_ghost, hint_cleared } = state.words
    find(".hint").textContent = state.strokes.length ? hint : state.emptied ? hint_cleared : hint_ghost
  }

  function drawCursor(context, pixels, ratio) {
    const [x, y] = state.cursor
    Object.assign(context, { lineWidth: 2 * ratio, strokeStyle: state.stroke ? COLOURS.penDown : COLOURS.cursor })
    context.beginPath()
    context.arc(x * pixels, y * pixels, 7 * ratio, 0, 2 * Math.PI)
    context.stroke()
  }

  sheet.watcher.observe(canvas)
  return sheet
}
