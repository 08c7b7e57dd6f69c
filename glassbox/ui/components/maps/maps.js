// Rows of heat maps. Each is painted once; pointing at a cell, or going there with the arrow keys, shows its value.

const SIZE = 336 // the canvas's pixels along its longer side, about two for one of the page's
const boards = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-maps")
  const focused = boards.get(root)?.focused
  const board = { words: data.words, pick: (name) => setTriggerValue("picked", name), ink: getComputedStyle(root).color, focused: null }
  boards.set(root, board)
  root.style.setProperty("--negative", data.words.negative)
  root.style.setProperty("--positive", data.words.positive)
  root.replaceChildren(...data.rows.map((row, i) => createRow(board, row, i)))
  if (focused) root.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
}

function element(tag, name, parent, text) {
  const made = document.createElement(tag)
  if (name) made.className = name
  if (text !== undefined) made.textContent = text
  parent?.append(made)
  return made
}

function createRow(board, row, place) {
  const section = element("section", "gb-map-row")
  if (row.title || row.text) {
    const words = element("div", "gb-map-words", section)
    if (row.title) element("h3", "", words, row.title)
    if (row.text) element("p", "", words, row.text)
    if (row.small) element("p", "gb-map-small", words, row.small)
    if (row.link) Object.assign(element("a", "", words, row.link.label), { href: row.link.href, target: "_blank", rel: "noopener" })
  }
  const tiles = element("div", "gb-tiles", section)
  row.tiles.forEach((tile, i) => {
    if (row.operators[i - 1]) element("span", "gb-operator", tiles, row.operators[i - 1])
    tiles.append(createTile(board, tile, `${place}-${i}`))
  })
  return section
}

function createTile(board, tile, id) {
  const figure = element("figure", "gb-map")
  figure.style.setProperty("--width", `${tile.width}px`)
  figure.classList.toggle("gb-picked", tile.picked)
  if (tile.colour) figure.style.setProperty("--colour", tile.colour)
  const title = element(tile.pick ? "button" : "b", "gb-map-title", figure, tile.title)
  if (tile.pick) {
    Object.assign(title, { type: "button", title: board.words.show, ariaPressed: String(tile.picked) })
    title.dataset.id = tile.pick
    title.onclick = () => ((board.focused = tile.pick), board.pick(tile.pick))
  }
  const rows = tile.values.length, columns = tile.values[0].length
  const cell = Math.max(1, Math.floor(SIZE / Math.max(rows, columns)))
  const canvas = element("canvas", "", figure)
  Object.assign(canvas, { width: columns * cell, height: rows * cell, tabIndex: 0 })
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", [tile.title, tile.note, board.words.explore].filter(Boolean).join(". "))
  const scale = element("div", "gb-scale", figure)
  element("span", "", scale, tile.scale[0])
  element("i", tile.low < 0 ? "gb-signed" : "gb-unsigned", scale)
  element("span", "", scale, tile.scale[1])
  if (tile.bar) createBar(figure, tile.bar)
  const note = element("figcaption", "", figure, tile.note)
  let at = null
  paint(canvas, tile, cell, board, null)

  function point(to) {
    at = to
    paint(canvas, tile, cell, board, at)
    const filled = at && { row: at[0] + 1, column: at[1] + 1, value: number(tile.values[at[0]][at[1]]) }
    note.textContent = at ? board.words.cell.replace(/\{(\w+)\}/g, (_, name) => filled[name]) : tile.note
  }
  const within = (value, size) => Math.min(size - 1, Math.max(0, Math.floor(value)))
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect()
    point([within(((event.clientY - box.top) / box.height) * rows, rows), within(((event.clientX - box.left) / box.width) * columns, columns)])
  }
  canvas.onpointerleave = (event) => event.pointerType === "mouse" && point(null)
  canvas.onblur = () => point(null)
  canvas.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (!step) return
    event.preventDefault()
    const [row, column] = at ?? [rows / 2, columns / 2]
    point([within(row + step[0], rows), within(column + step[1], columns)])
  }
  note.setAttribute("role", "status")
  return figure
}

// A share of the way with marks to beat.
function createBar(figure, bar) {
  const track = element("div", "gb-score", figure)
  track.style.setProperty("--share", bar.value)
  if (bar.good !== null) track.classList.add(bar.good ? "gb-good" : "gb-poor")
  element("i", "", track)
  for (const mark of bar.marks) {
    const line = element("span", "", track)
    line.style.setProperty("--at", mark.at)
    line.title = mark.name
  }
  element("div", "gb-score-text", figure, bar.text)
}

function number(value) {
  if (value === 0) return "0"
  if (Math.abs(value) >= 0.001 && Math.abs(value) < 1e5) return String(Number(value.toPrecision(3))).replace("-", "−")
  const [mantissa, power] = value.toExponential(2).split("e")
  const raised = String(Number(power)).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]))
  return `${mantissa} × 10${raised}`.replace(/^-/, "−")
}

function paint(canvas, { values, low, high, outline }, cell, board, at) {
  const ink = canvas.getContext("2d")
  ink.clearRect(0, 0, canvas.width, canvas.height)
  values.forEach((line, row) =>
    line.forEach((value, column) => {
      const share = low < 0 ? Math.abs(value) / (high || 1) : (value - low) / (high - low || 1)
      if (!(share > 0.004)) return
      ink.globalAlpha = Math.min(1, share)
      ink.fillStyle = low < 0 ? (value < 0 ? board.words.negative : board.words.positive) : board.ink
      ink.fillRect(column * cell, row * cell, cell, cell)
    })
  )
  ink.globalAlpha = 1
  if (outline) contour(ink, outline, cell, board.ink)
  if (!at) return
  ink.strokeStyle = board.ink
  ink.lineWidth = Math.max(2, cell / 5)
  ink.strokeRect(at[1] * cell, at[0] * cell, cell, cell)
}

// The edges between the digit's ink and its paper.
function contour(ink, digit, cell, dark) {
  const inked = (row, column) => (digit[row]?.[column] ?? 0) > 127
  ink.globalAlpha = 0.55
  ink.strokeStyle = dark
  ink.lineWidth = 1.5
  ink.beginPath()
  for (let row = 0; row <= digit.length; row++) {
    for (let column = 0; column <= digit.length; column++) {
      const x = column * cell, y = row * cell
      if (inked(row, column) !== inked(row - 1, column)) ink.moveTo(x, y), ink.lineTo(x + cell, y)
      if (inked(row, column) !== inked(row, column - 1)) ink.moveTo(x, y), ink.lineTo(x, y + cell)
    }
  }
  ink.stroke()
  ink.globalAlpha = 1
}
