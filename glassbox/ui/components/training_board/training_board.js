// A network in training. The server trains and evaluates; the browser draws what it sends and asks for more.
import { rgb, themeColours } from "../_shared/colours.js"
import { remembered } from "../_shared/dom.js"
import { fill, measured } from "../_shared/numbers.js"
import { createTrainingBar } from "../_shared/training_bar.js"
import { createDiagram } from "./diagram.js"
import { drawLoss } from "./loss.js"
import { decodeMaps, decodePoints, hiddenSizes, lossText } from "./message.js"
import { focusWeight, writePanel } from "./panel.js"
import { createSurface } from "./surface.js"

const EPOCHS = [1, 5, 25] // of one request
const USUAL_EPOCHS = 5
const NEW_LAYER = 4 // neurons of the first hidden layer that is added

export default function ({ data, parentElement, setTriggerValue }) {
  const board = remembered(parentElement.querySelector(".gb-board"), createBoard)
  board.requests.send = (request) => setTriggerValue("asked", request)
  board.show(data)
}

function createBoard(root) {
  const find = (name) => root.querySelector(`.gb-board-${name}`)
  const [fewer, more] = find("layers").querySelectorAll("button")
  const view = { data: null, maps: [], points: null, theme: null }
  // `wanted`: the shape that the visitor's clicks add up to, until the server has answered them all.
  const state = { picked: null, wanted: null }
  const bar = createTrainingBar(root, { unit: "epochs", amounts: EPOCHS, usual: USUAL_EPOCHS, unanswered: settle })
  const { requests } = bar
  const surface = createSurface(find, view, requests.ask)
  const diagram = createDiagram(find("net"), view, {
    hover: surface.hover,
    pick,
    sizes: () => shape().layers,
    reshape,
    toggle,
  })

  function show(data) {
    const other = view.data !== null && view.data.version !== data.version
    const first = view.data === null
    const theme = { ...themeColours(root), classes: data.colours.map((colour) => rgb(colour)) }
    Object.assign(view, { data, maps: decodeMaps(data), points: decodePoints(data.points), theme })
    if (other) state.picked = null
    if (first || other || data.stopped) bar.play(false)
    requests.answered(data.answered, other) // asks on before this answer is drawn
    if (requests.settled()) {
      state.wanted = null
      surface.dry()
    }
    writeBar()
    diagram.arrange()
    paint()
  }

  function paint() {
    diagram.paint(picked())
    surface.draw()
    drawLoss(find("loss"), view)
    const onWeight = (weight) => requests.ask({ kind: "weight", ...weight })
    writePanel(find, view.data, picked(), { playing: bar.playing(), shape: diagram.shape(), onWeight })
  }

  function writeBar() {
    const { words, epoch, history, accuracy, stopped } = view.data
    const figures = [
      [words.epoch, epoch.toLocaleString("en")],
      [words.train_loss, lossText(history.train.at(-1))],
      [words.test_loss, lossText(history.test.at(-1))],
    ]
    if (accuracy[1] !== null) figures.push([words.accuracy, measured(accuracy[1])])
    bar.write(words, { figures, said: stopped ?? "" })
    const { goal } = view.data
    const goalText = goal ? `${goal.reached ? "✓ " : ""}${goal.text}` : ""
    if (find("goal").textContent !== goalText) find("goal").textContent = goalText
    find("goal").classList.toggle("gb-reached", Boolean(goal?.reached))
    writeLayers()
  }

  function writeLayers() {
    const { words, most } = view.data
    const layers = shape().layers.length
    find("layers").querySelector("span").textContent = fill(words.layers, { count: layers })
    Object.assign(fewer, {
      textContent: "−",
      title: words.fewer_layers,
      ariaLabel: words.fewer_layers,
      disabled: !layers,
    })
    Object.assign(more, {
      textContent: "+",
      title: words.more_layers,
      ariaLabel: words.more_layers,
      disabled: layers >= most.layers,
    })
  }

  // The hidden layers and the features as the visitor wants them, which may be ahead of what the server has made.
  const shape = () => state.wanted ?? { layers: hiddenSizes(view.data), features: view.data.chosen }

  function reshape(change) {
    state.wanted = { ...shape(), ...change }
    bar.stopAndAsk({ kind: "shape", ...state.wanted })
    showWanted()
  }

  function settle() {
    state.wanted = null
    showWanted()
  }

  function showWanted() {
    writeLayers()
    diagram.writeHeads()
  }

  function toggle(feature) {
    const { features } = shape()
    const now = features.includes(feature) ? features.filter((one) => one !== feature) : [...features, feature]
    if (now.length) reshape({ features: now })
  }

  // The neuron of the panel, [column, row]: the one picked if there still is one, else the first output.
  function picked() {
    const { layers } = view.data
    const [column, row] = state.picked ?? []
    return row < layers[column - 1]?.biases.length ? state.picked : [layers.length, 0]
  }

  function pick(place, weight = null) {
    state.picked = place
    paint()
    if (weight !== null) focusWeight(find, weight)
  }

  fewer.onclick = () => reshape({ layers: shape().layers.slice(0, -1) })
  more.onclick = () => reshape({ layers: [...shape().layers, shape().layers.at(-1) ?? NEW_LAYER] })
  new ResizeObserver(() => {
    if (!diagram.stale()) return
    diagram.arrange()
    paint()
  }).observe(find("net"))
  return { show, requests }
}
