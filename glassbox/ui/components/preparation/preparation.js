// The steps as pictures, and the digit as 28 x 28 pixels that tell their value.
const SIDE = 28
const strips = new WeakMap()

export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".gb-strip")
  let strip = strips.get(list)
  if (!strip) strips.set(list, (strip = createStrip(list)))
  strip.show(data)
}

function element(tag, name, parent) {
  const made = document.createElement(tag)
  made.className = name
  parent.append(made)
  return made
}

function createFigure(kind, tag) {
  const item = document.createElement("li")
  const frame = element("div", "gb-frame", item)
  const picture = element(tag, "", frame)
  const caption = element("p", "", item)
  const name = element("b", "", caption)
  const done = element("span", "", caption)
  item.className = kind
  return { item, frame, picture, name, done }
}

function createStrip(list) {
  const figures = []
  const digit = createFigure("gb-digit", "canvas")
  const canvas = digit.picture
  const state = { data: null, at: null }
  Object.assign(canvas, { width: SIDE, height: SIDE, tabIndex: 0 })
  canvas.setAttribute("role", "img")

  function show(data) {
    Object.assign(state, { data, at: null })
    while (figures.length > data.steps.length) figures.pop().item.remove()
    while (figures.length < data.steps.length) figures.push(createFigure("", "img"))
    data.steps.forEach((step, i) => {
      const figure = figures[i]
      figure.frame.className = `gb-frame gb-${step.kind}`
      Object.assign(figure.picture, { src: step.source, alt: `${step.name}. ${step.done}` })
      figure.name.textContent = step.name
      figure.done.textContent = step.done
      if (list.children[i] !== figure.item) list.insertBefore(figure.item, list.children[i] ?? null)
    })
    if (list.lastChild !== digit.item) list.append(digit.item)
    list.classList.toggle("gb-alone", !data.steps.length)
    digit.name.textContent = data.digit.name
    canvas.setAttribute("aria-label", `${data.digit.name}. ${data.digit.done}. ${data.words.explore}`)
    paint()
  }

  function paint() {
    const ink = canvas.getContext("2d")
    const image = ink.createImageData(SIDE, SIDE)
    state.data.digit.values.flat().forEach((value, i) => image.data.set([value, value, value, 255], 4 * i))
    if (state.at) image.data.set([255, 140, 60, 255], 4 * (state.at[0] * SIDE + state.at[1]))
    ink.putImageData(image, 0, 0)
    digit.done.textContent = state.at ? pixel(...state.at) : state.data.digit.done
  }

  function pixel(row, column) {
    const value = state.data.digit.values[row][column]
    const filled = { row: row + 1, column: column + 1, value, share: (value / 255).toFixed(3) }
    return state.data.words.pixel.replace(/\{(\w+)\}/g, (_, name) => filled[name])
  }

  function point(at) {
    state.at = at
    paint()
  }

  const within = (value) => Math.min(SIDE - 1, Math.max(0, value))
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect()
    point([within(Math.floor(((event.clientY - box.top) / box.height) * SIDE)), within(Math.floor(((event.clientX - box.left) / box.width) * SIDE))])
  }
  canvas.onpointerleave = (event) => event.pointerType === "mouse" && point(null)
  canvas.onblur = () => point(null)
  canvas.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (!step) return
    event.preventDefault()
    const [row, column] = state.at ?? [SIDE / 2, SIDE / 2]
    point([within(row + step[0]), within(column + step[1])])
  }
  digit.done.setAttribute("role", "status")
  return { show }
}
