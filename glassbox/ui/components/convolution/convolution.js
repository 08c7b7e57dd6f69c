// A convolution: its input, its kernels and its maps, linked. Everything is worked out here from the arrays sent once.
import { unpack } from "../_shared/arrays.js"
import { arrowStep, cellUnder } from "../_shared/cells.js"
import { themeColours } from "../_shared/colours.js"
import { element, forget, remembered } from "../_shared/dom.js"
import { clamp } from "../_shared/numbers.js"
import { largestPart, outputCell, workOut } from "./arithmetic.js"
import { inkedPlaces, startBuilding } from "./building.js"
import { paintChannels, paintMosaic, paintResult, paintSource } from "./drawing.js"
import { cellInMosaic, channelInStrip, mosaicLayout, stripLayout } from "./layout.js"
import { writeCell, writeLabels } from "./words.js"

const PACES = { 1: 400, 4: 60 } // milliseconds that the window rests on a cell, by speed
const FLIGHT = 300 // milliseconds in which the products fly into their sum, at the slowest speed
const CANVASES = ["source", "result", "channels", "maps"]

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".convolution")
  const shown = remembered(root, createConvolution)
  shown.pick = (place) => setStateValue("place", place)
  shown.receive(data)
  return () => {
    shown.stop()
    shown.watcher.disconnect()
    forget(root)
  }
}

function createConvolution(root) {
  const find = (selector) => root.querySelector(selector)
  const canvases = Object.fromEntries(CANVASES.map((name) => [name, find(`.${name} canvas`)]))
  const state = {
    data: null,
    at: null,
    channel: null,
    timer: null,
    building: null,
    speed: "1",
    theme: null,
    arriving: 0,
  }
  const watcher = new ResizeObserver(() => {
    state.mosaic = null
    paint()
  })
  const shown = { pick: null, receive, stop, watcher }

  async function receive(data) {
    const turn = ++state.arriving
    const packed = {
      input: data.input.values,
      output: data.output.values,
      kernels: data.kernels.values,
      biases: data.biases,
    }
    const arrays = await Promise.all(Object.values(packed).map(unpack))
    if (turn !== state.arriving) return // a newer picture overtook this one
    const chosen = data.place.join()
    if (state.data?.layer !== data.layer || (state.chosen && state.chosen !== chosen && !state.timer))
      Object.assign(state, { channel: null, at: [...data.place] })
    if (state.chosen !== chosen && !state.timer) state.building = null
    state.chosen = chosen
    Object.keys(packed).forEach((name, i) => (state[name] = arrays[i]))
    Object.assign(state, { data, mosaic: null, theme: themeColours(root), font: getComputedStyle(root).fontFamily })
    writeLabels(find, state)
    writePlay()
    paint()
  }

  // The channel that is shown large: the one chosen, else the one that counts most for the sum.
  const shownChannel = (worked) => state.channel ?? (worked.known ? largestPart(worked.parts) : 0)

  function paint() {
    if (!state.data || !canvases.source.clientWidth) return
    const worked = workOut(state, state.at)
    const channel = shownChannel(worked)
    paintSource(canvases.source, state, worked, channel)
    paintResult(canvases.result, state)
    paintMosaic(canvases.maps, state)
    if (state.data.input.shape[0] > 1) paintChannels(canvases.channels, state, worked, channel)
    writeCell(find, state, worked, channel)
  }

  function move(place) {
    state.at = place.map((value, axis) => clamp(value, 0, state.data.output.shape[axis] - 1))
    paint()
  }

  const speak = () => (find(".said").textContent = `${find(".title").textContent}: ${find(".engine").textContent}`)

  // The window goes on by so many cells, row by row.
  function forward(by) {
    const [map, row, column] = state.at
    const [, height, width] = state.data.output.shape
    const place = (row * width + column + by + height * width) % (height * width)
    move([map, Math.floor(place / width), place % width])
  }

  function stop() {
    clearTimeout(state.timer)
    state.timer = null
    if (state.data) writePlay()
  }

  // Stop, and show the whole map.
  function finish() {
    stop()
    state.building = null
  }

  function writePlay() {
    const { words } = state.data
    find(".play").textContent = state.timer ? words.pause : words.play
    find(".speeds").setAttribute("aria-label", words.speed)
    const buttons = ["1", "4", "all"].map((speed) => {
      const button = element("button", "", null, speed === "all" ? words.at_once : `${speed}×`)
      button.type = "button"
      button.setAttribute("aria-pressed", String(speed === state.speed))
      button.onclick = () => {
        state.speed = speed
        if (speed === "all" && state.building) finish()
        paint()
        writePlay()
      }
      return button
    })
    if (!find(".speeds").childElementCount) return find(".speeds").replaceChildren(...buttons)
    buttons.forEach((button, i) => {
      const shown = find(".speeds").children[i]
      shown.textContent = button.textContent
      shown.setAttribute("aria-pressed", button.getAttribute("aria-pressed"))
    })
  }

  // Build the map from nothing, or go on where it was paused.
  function play() {
    if (state.timer) return stop()
    state.building ??= startBuilding(inkedPlaces(state))
    build()
    if (state.building) writePlay()
  }

  function build() {
    const place = state.speed === "all" ? null : state.building.next()
    if (place === null) {
      finish()
      return paint()
    }
    const width = state.data.output.shape[2]
    move([state.at[0], Math.floor(place / width), place % width])
    if (state.speed === "1") fly()
    state.timer = setTimeout(build, PACES[state.speed])
  }

  // The products go into their sum.
  function fly() {
    const to = find("dl dd")?.getBoundingClientRect()
    for (const product of to ? root.querySelectorAll(".products b") : []) {
      const from = product.getBoundingClientRect()
      const way = `translate(${to.right - from.right}px, ${to.top - from.top}px)`
      product.animate([{ transform: "none" }, { transform: way, opacity: 0.3 }], {
        duration: FLIGHT,
        easing: "ease-in",
      })
    }
  }

  function step(by) {
    finish()
    forward(by)
    speak()
  }

  find(".play").onclick = play
  find(".back").onclick = () => step(-1)
  find(".step").onclick = () => step(1)

  // The cell of the output that the pointer asks for, on each of the canvases.
  const pointAt = (event) => {
    const box = event.currentTarget.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  const places = {
    source(event) {
      const [x, y] = pointAt(event)
      const side = canvases.source.getBoundingClientRect().width
      return [state.at[0], ...outputCell(state.data, [y / side, x / side])]
    },
    result(event) {
      const [, height, width] = state.data.output.shape
      return [state.at[0], ...cellUnder(event, height, width)]
    },
    maps(event) {
      const layout = mosaicLayout(state.data, find(".maps").clientWidth)
      return cellInMosaic(state.data, layout, pointAt(event), state.at.slice(1))
    },
  }
  for (const [name, placeOf] of Object.entries(places)) {
    canvases[name].onpointermove = (event) => {
      if (!state.data || (name === "maps" && event.pointerType === "touch")) return // a finger scrolls them
      finish()
      move(placeOf(event))
    }
    canvases[name].onclick = (event) => {
      if (!state.data) return
      finish()
      move(placeOf(event))
      shown.pick(state.at)
    }
  }
  for (const name of ["source", "result"])
    canvases[name].onkeydown = (event) => {
      const arrow = arrowStep(event.key)
      const by = arrow ? [0, ...arrow] : { PageUp: [-1, 0, 0], PageDown: [1, 0, 0] }[event.key]
      if (by) {
        finish()
        move(state.at.map((value, axis) => value + by[axis]))
        speak()
      } else if (event.key === "Enter" || event.key === " ") shown.pick(state.at)
      else return
      event.preventDefault()
    }

  canvases.maps.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by) {
      finish()
      move([state.at[0] + by, ...state.at.slice(1)])
      speak()
    } else if (event.key === "Enter" || event.key === " ") shown.pick(state.at)
    else return
    event.preventDefault()
  }

  canvases.channels.onpointermove = canvases.channels.onclick = (event) => {
    if (!state.data) return
    state.channel = channelInStrip(state.data, stripLayout(state.data, canvases.channels.clientWidth), pointAt(event))
    paint()
  }
  canvases.channels.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    const count = state.data.input.shape[0]
    state.channel = (shownChannel(workOut(state, state.at)) + by + count) % count
    paint()
    find(".said").textContent = find(".source figcaption").textContent
  }

  watcher.observe(root)
  return shown
}
