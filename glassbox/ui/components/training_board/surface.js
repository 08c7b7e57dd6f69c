// The large map: what the network gives at each place of the plane, or one neuron alone, with the points over it.
import { arrowStep } from "../_shared/cells.js"
import { css, diverging } from "../_shared/colours.js"
import { element } from "../_shared/dom.js"
import { clamp, fill, measured, steadyNumber } from "../_shared/numbers.js"
import { createBrushes, createStroke, ERASER, READ } from "./brushes.js"
import { axisText, givenValue, mapValue, neuronName, valueAt } from "./message.js"
import { addMarker, fit, paintMap, paintMarker, paintWinners } from "./pixels.js"

const SURFACE_SIZE = { width: 340, height: 340 }
const KEY_STEPS = 24 // presses of an arrow key from the middle to beyond an edge
const WIDEST_NAME = 12 // characters of an axis' name

// `find` gives the part of the board with a name; `view` has the data, the maps, the points and the theme; `ask` sends a
// request.
export function createSurface(find, view, ask) {
  const [canvas, title, scale, readout] = ["surface", "title", "scale", "value"].map(find)
  const sheet = document.createElement("canvas")
  // `hovered`: the neuron that is shown, [column, row], or null: the output; `at`: the place read out, in shares.
  // `stroke`: the one that is being painted; `wet`: what was painted and is not in the data yet, as {place, kind}.
  const state = { hovered: null, at: null, scale: "", stroke: null, wet: [] }
  const brushes = createBrushes(find("brushes"), view, () => ask({ kind: "clear" }))
  view.brushChanged = () => (canvas.style.touchAction = brushes.brush() === READ ? "" : "none")

  // What is shown: {column, row, map}, or with several classes all of them, whose map is null.
  function chosen() {
    const { data, maps } = view
    const last = data.layers.length
    const [column, row] = state.hovered ?? []
    const hovered = maps[column]?.[row] // it is gone where the network has become smaller
    if (hovered) return { column, row, map: hovered, output: column === last }
    const several = data.classes.length > 2
    return { column: last, row: 0, map: several ? null : maps[last][0], output: true }
  }

  function draw() {
    const { data, maps, theme } = view
    const shown = chosen()
    const discrete = data.discrete && shown.output && data.classes.length > 0
    if (shown.map) paintMap(sheet, shown.map, theme, { discrete, strength: 0.75 })
    else paintWinners(sheet, maps.at(-1), theme, data.discrete)
    const { context, width: side } = fit(canvas, SURFACE_SIZE)
    context.imageSmoothingEnabled = !data.discrete
    context.drawImage(sheet, 0, 0, side, side)
    drawPoints(context, side)
    drawWet(context, side)
    drawAxes(context, side)
    brushes.write()
    title.textContent = titleOf(shown)
    canvas.setAttribute("aria-label", `${title.textContent}. ${data.words.surface_help}`)
    writeScale(shown)
    writeReadout(shown)
  }

  function titleOf({ column, row, map, output }) {
    const { data } = view
    if (!map) return data.words.decision
    const name = neuronName(data, column, row)
    return output ? name : fill(data.words.neuron, { name })
  }

  function drawPoints(context, side) {
    const { data, points, theme } = view
    const { places, values, train } = points
    const classes = data.classes.length
    values.forEach((value, i) => {
      if (i >= train && !data.test) return
      const place = [((places[2 * i] / 32767 + 1) * side) / 2, ((1 - places[2 * i + 1] / 32767) * side) / 2]
      const colour = classes ? theme.classes[value] : diverging(theme, value / data.surface.limit)
      context.globalAlpha = i >= train ? 0.45 : 1
      paintMarker(context, place, { kind: classes ? value : 0, radius: 3.4, colour, rim: theme.paper })
    })
    context.globalAlpha = 1
  }

  function drawWet(context, side) {
    const { data, theme } = view
    for (const { place, kind } of state.wet) {
      const [x, y] = [(place[0] / data.plane + 1) / 2, (1 - place[1] / data.plane) / 2].map((share) => share * side)
      if (kind === ERASER) {
        Object.assign(context, { fillStyle: css(theme.paper), globalAlpha: 0.6 })
        context.beginPath()
        context.arc(x, y, (data.eraser / data.plane / 2) * side, 0, 2 * Math.PI)
        context.fill()
        context.globalAlpha = 1
      } else paintMarker(context, [x, y], { kind, radius: 3.4, colour: theme.classes[kind], rim: theme.paper })
    }
  }

  // The plane's ends and middle, in the numbers that the data were given in.
  function drawAxes(context, side) {
    const { data, theme } = view
    Object.assign(context, {
      font: "11px sans-serif",
      fillStyle: css(theme.ink),
      strokeStyle: css(theme.paper),
      lineWidth: 3,
    })
    const write = (text, x, y, align) => {
      context.textAlign = align
      context.strokeText(text, x, y)
      context.fillText(text, x, y)
    }
    const { plane, axes } = data
    write(axisText(data, -plane, 0), 4, side - 4, "left")
    write(axisText(data, 0, 0), side / 2, side - 4, "center")
    write(axisText(data, plane, 0), side - 4, side - 4, "right")
    write(axisText(data, 0, 1), 4, side / 2 + 4, "left")
    write(axisText(data, plane, 1), 4, 12, "left")
    write(axes.names[0].slice(0, WIDEST_NAME), side * 0.75, side - 4, "center")
    write(axes.names[1].slice(0, WIDEST_NAME), 4, side * 0.25, "left")
  }

  function writeScale({ map, column }) {
    const { data, theme } = view
    const now = JSON.stringify([map?.limit, column, data.version, theme, data.classes])
    if (state.scale === now) return
    state.scale = now
    scale.replaceChildren()
    if (map) {
      const bar = element("i")
      bar.style.background = `linear-gradient(90deg, ${[theme.negative, theme.paper, theme.positive].map(css)})`
      scale.append(
        steadyNumber(mapValue(data, -map.limit, column)),
        bar,
        steadyNumber(mapValue(data, map.limit, column)),
      )
    }
    data.classes.forEach((label, kind) => {
      const item = element("span", "", scale)
      addMarker(item, kind, theme)
      item.append(` ${label}`)
    })
  }

  function writeReadout({ map, column, row }) {
    const { data, maps } = view
    const { at } = state
    if (!at) {
      readout.textContent = data.words.point
      return
    }
    const places = [2 * at[0] - 1, 1 - 2 * at[1]].map(
      (share, axis) => `${data.axes.names[axis]} ${steadyNumber(givenValue(data, share * data.plane, axis))}`,
    )
    const value = map
      ? `${neuronName(data, column, row)} ≈ ${steadyNumber(mapValue(data, valueAt(map, at), column))}`
      : data.classes.map((label, k) => `${label} ${measured(valueAt(maps.at(-1)[k], at))}`).join(" · ")
    readout.textContent = `${places.join(", ")}: ${value}`
  }

  function point(at) {
    state.at = at?.map((share) => clamp(share, 0, 0.999)) ?? null
    draw()
  }
  const shares = (event) => {
    const box = canvas.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
  }

  function begin() {
    const kind = brushes.brush()
    const send = (places) => ask(kind === ERASER ? { kind, places } : { kind: "paint", value: kind, places })
    state.stroke = { kind, ...createStroke({ send, scatter: kind !== ERASER }) }
  }

  function brushOn([x, y]) {
    const { plane } = view.data
    const place = state.stroke.go([clamp(2 * x - 1, -1, 1) * plane, clamp(1 - 2 * y, -1, 1) * plane])
    if (place) state.wet.push({ place, kind: state.stroke.kind })
    draw()
  }

  function end() {
    state.stroke?.end()
    state.stroke = null
  }

  canvas.onpointerdown = (event) => {
    if (brushes.brush() === READ) return point(shares(event))
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    begin()
    brushOn(shares(event))
  }
  canvas.onmousedown = (event) => brushes.brush() !== READ && event.preventDefault() // or it selects the page's text
  canvas.onpointermove = (event) => (state.stroke ? brushOn(shares(event)) : point(shares(event)))
  canvas.onpointerup = canvas.onpointercancel = end
  canvas.onpointerleave = canvas.onblur = () => point(null)
  canvas.onkeydown = (event) => {
    const step = arrowStep(event.key)
    const [x, y] = state.at ?? [0.5, 0.5]
    if ((event.key === " " || event.key === "Enter") && brushes.brush() !== READ) {
      event.preventDefault()
      begin()
      brushOn([x, y])
      end()
    }
    if (!step) return
    event.preventDefault()
    point([x + step[1] / KEY_STEPS, y + step[0] / KEY_STEPS])
  }

  // Show a neuron, [column, row], or the output again (null).
  function hover(at) {
    state.hovered = at
    draw()
  }

  // All that was painted is in the data.
  const dry = () => (state.wet = [])
  return { draw, hover, dry }
}
