// A sheet of the unit square. Strokes are polylines; Python gets them all after every stroke, undo, clear and change of pen.
const MAX_STROKES = 64
const MAX_POINTS = 4000
const CLOSEST = 0.004 // points nearer than this to the last one are left out
const STEP = 0.02 // one press of an arrow key
const sheets = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  let sheet = sheets.get(parentElement)
  if (!sheet) sheets.set(parentElement, (sheet = createSheet(parentElement)))
  sheet.send = (drawing) => setStateValue("drawing", drawing)
  sheet.receive(data)
  return () => {
    sheet.watcher.disconnect()
    sheets.delete(parentElement)
  }
}

function createSheet(root) {
  const find = (selector) => root.querySelector(selector)
  const canvas = find(".sheet")
  const pen = find(".pen input")
  const state = { strokes: [], thickness: 18, ghost: false, version: null, words: {}, line: null, cursor: null, keyDown: false }
  const sheet = { send: () => {}, watcher: null, receive }

  function receive(data) {
    state.words = data.words
    canvas.setAttribute("aria-label", `${data.words.sheet}. ${data.words.keys}`)
    find(".hint").textContent = data.words.hint
    find(".keys").textContent = data.words.keys
    find(".undo span").textContent = data.words.undo
    find(".clear span").textContent = data.words.clear
    find(".pen span").textContent = data.words.thickness
    if (state.version !== data.version) {
      Object.assign(state, { version: data.version, strokes: data.strokes.map((s) => s.map((p) => [...p])), thickness: data.thickness, ghost: data.ghost })
      pen.value = state.thickness
    }
    draw()
  }

  function commit(said) {
    sheet.send({ strokes: state.strokes, thickness: state.thickness })
    find(".said").textContent = said
    draw()
  }

  const points = () => state.strokes.reduce((sum, line) => sum + line.length, 0)
  const round = (value) => Math.round(Math.min(Math.max(value, 0), 1) * 1000) / 1000

  function begin(x, y) {
    if (state.ghost) Object.assign(state, { strokes: [], ghost: false })
    if (state.strokes.length >= MAX_STROKES) return
    state.line = [[round(x), round(y)]]
    state.strokes.push(state.line)
    draw()
  }

  function extend(x, y) {
    const [lastX, lastY] = state.line[state.line.length - 1]
    if (Math.hypot(x - lastX, y - lastY) < CLOSEST || points() >= MAX_POINTS) return
    state.line.push([round(x), round(y)])
    draw()
  }

  function finish() {
    if (!state.line) return
    state.line = null
    commit(state.words.stroke_done)
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
  }

  canvas.onpointerdown = (event) => {
    if (event.button !== 0 || state.line) return
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    state.pointer = event.pointerId
    state.cursor = null
    begin(...place(event))
  }
  canvas.onpointermove = (event) => {
    if (!state.line || event.pointerId !== state.pointer) return
    const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : []
    for (const move of moves.length ? moves : [event]) extend(...place(move))
  }
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (event.pointerId === state.pointer) finish()
  }

  const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }
  canvas.onkeydown = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault()
      return find(".undo").click()
    }
    if (event.key in ARROWS) {
      event.preventDefault()
      state.cursor ??= [0.5, 0.5]
      state.cursor = state.cursor.map((value, i) => round(value + ARROWS[event.key][i] * (event.shiftKey ? 4 : 1)))
      if (state.line) extend(...state.cursor)
      draw()
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault()
      if (event.repeat) return
      state.cursor ??= [0.5, 0.5]
      if (state.line) return finish()
      begin(...state.cursor)
      find(".said").textContent = state.words.pen_down
    } else if (event.key === "Escape" && state.line) {
      finish()
      find(".said").textContent = state.words.pen_up
    }
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

  find(".undo").onclick = () => {
    state.ghost = false
    if (state.strokes.pop()) commit(state.words.undone)
  }
  find(".clear").onclick = () => {
    Object.assign(state, { strokes: [], ghost: false })
    commit(state.words.cleared)
    canvas.focus({ preventScroll: true })
  }
  pen.oninput = () => {
    state.thickness = Number(pen.value)
    draw()
  }
  pen.onchange = () => state.strokes.length && commit("")

  function draw() {
    const side = canvas.clientWidth
    if (!side) return
    const pixels = Math.round(side * (window.devicePixelRatio || 1))
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels
    const ink = canvas.getContext("2d")
    ink.clearRect(0, 0, pixels, pixels)
    Object.assign(ink, { lineCap: "round", lineJoin: "round", lineWidth: (state.thickness / 280) * pixels, strokeStyle: state.ghost ? "#8b94a3" : "#1b222c" })
    for (const line of state.strokes) {
      ink.beginPath()
      ink.moveTo(line[0][0] * pixels, line[0][1] * pixels)
      for (const [x, y] of line.length > 1 ? line.slice(1) : line) ink.lineTo(x * pixels, y * pixels)
      ink.stroke()
    }
    if (state.cursor) {
      Object.assign(ink, { lineWidth: 2 * (pixels / side), strokeStyle: state.line ? "#d0591b" : "#2a5db0" })
      ink.beginPath()
      ink.arc(state.cursor[0] * pixels, state.cursor[1] * pixels, 7 * (pixels / side), 0, 2 * Math.PI)
      ink.stroke()
    }
    find(".undo").disabled = find(".clear").disabled = !state.strokes.length
  }

  sheet.watcher = new ResizeObserver(draw)
  sheet.watcher.observe(canvas)
  return sheet
}
