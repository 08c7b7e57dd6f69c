// Two pictures of the same 28 x 28 cells. Pointing at a cell of one tells its sum in words and marks it in both.
const SIDE = 28, ZOOM = 10
const pairs = new WeakMap()

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".pair")
  let pair = pairs.get(root)
  if (!pair) pairs.set(root, (pair = createPair(root, parentElement.querySelector("p"))))
  pair.show(data)
}

const number = (value) => (Math.abs(value) >= 0.001 || !value ? Number(value.toPrecision(3)) : value.toExponential(2)).toString().replace("-", "−")
const said = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
const within = (value) => Math.min(SIDE - 1, Math.max(0, value))

function createPair(root, readout) {
  const canvases = [...root.querySelectorAll("canvas")], captions = [...root.querySelectorAll("figcaption")]
  const state = { data: null, at: null }

  function paint() {
    const { data, at } = state, style = getComputedStyle(root)
    const colour = (name) => style.getPropertyValue(name).trim()
    const maps = [data.kernel, data.kernel.map((weight, i) => weight * data.digit[i])]
    maps.forEach((values, which) => {
      const canvas = canvases[which], ink = canvas.getContext("2d")
      canvas.width = canvas.height = SIDE * ZOOM
      const most = Math.max(1e-12, ...values.map(Math.abs))
      values.forEach((value, i) => {
        ink.globalAlpha = Math.abs(value) / most
        ink.fillStyle = colour(value < 0 ? "--gb-negative" : "--gb-positive")
        ink.fillRect(ZOOM * (i % SIDE), ZOOM * Math.floor(i / SIDE), ZOOM, ZOOM)
      })
      ink.globalAlpha = 1
      ink.strokeStyle = colour("--st-text-color")
      outline(ink, data.digit)
      if (at !== null) ink.lineWidth = 3
      if (at !== null) ink.strokeRect(ZOOM * (at % SIDE) - 1, ZOOM * Math.floor(at / SIDE) - 1, ZOOM + 2, ZOOM + 2)
      const name = data.words[["weights", "products"][which]]
      captions[which].innerHTML = "<b></b><i><span></span><span></span></i>"
      captions[which].firstChild.textContent = name
      captions[which].querySelectorAll("span").forEach((end, i) => (end.textContent = (i ? "+" : "−") + number(most)))
      canvas.setAttribute("aria-label", `${name}. ${said(data.words.scale, { most: number(most) })} ${data.words.explore_weights}`)
    })
    if (at !== null) {
      const weight = data.kernel[at], value = data.digit[at]
      readout.textContent = said(data.words.cell, { row: Math.floor(at / SIDE) + 1, column: (at % SIDE) + 1, value: number(value), weight: number(weight), product: number(weight * value) })
    } else readout.textContent = data.words.explore_weights
  }

  // Where ink (more than half) meets paper.
  function outline(ink, digit) {
    const inked = (row, column) => row >= 0 && column >= 0 && row < SIDE && column < SIDE && digit[row * SIDE + column] > 0.5
    ink.lineWidth = 1.5
    ink.beginPath()
    for (let row = 0; row <= SIDE; row++) {
      for (let column = 0; column <= SIDE; column++) {
        const [x, y] = [column * ZOOM, row * ZOOM]
        if (inked(row, column) !== inked(row - 1, column)) ink.moveTo(x, y), ink.lineTo(x + ZOOM, y)
        if (inked(row, column) !== inked(row, column - 1)) ink.moveTo(x, y), ink.lineTo(x, y + ZOOM)
      }
    }
    ink.stroke()
  }

  function point(at) {
    if (state.at === at) return
    state.at = at
    paint()
  }

  for (const canvas of canvases) {
    canvas.tabIndex = 0
    canvas.setAttribute("role", "img")
    canvas.onpointermove = canvas.onpointerdown = (event) => {
      const box = canvas.getBoundingClientRect()
      const [row, column] = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width].map((share) => within(Math.floor(share * SIDE)))
      point(row * SIDE + column)
    }
    canvas.onpointerleave = (event) => event.pointerType === "mouse" && point(null)
    canvas.onblur = () => point(null)
    canvas.onkeydown = (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
      if (!step) return
      event.preventDefault()
      const at = state.at ?? (SIDE * SIDE + SIDE) / 2
      point(within(Math.floor(at / SIDE) + step[0]) * SIDE + within((at % SIDE) + step[1]))
    }
  }
  return { show: (data) => (Object.assign(state, { data }), paint()) }
}
