// Steps as a row of pictures. The browser keeps the time; what a step has to say comes from Python: step by step, or all
// at once in containers of which the browser shows one.
import { element, remembered, svgElement } from "../_shared/dom.js"
import { fill } from "../_shared/numbers.js"
import { beginSteps, writeStep } from "./containers.js"
import { slideRows } from "./rows.js"
import { drawThreads } from "./threads.js"

export default function ({ data, parentElement, setTriggerValue }) {
  const stepper = remembered(parentElement.querySelector(".stepper"), createStepper)
  stepper.tell = (step) => setTriggerValue("step", step)
  stepper.show(data)
  return () => stepper.leave()
}

function createStepper(root) {
  const list = root.querySelector("ol")
  const status = root.querySelector("span")
  const [back, play, next] = root.querySelectorAll(".keys button")
  const still = window.matchMedia("(prefers-reduced-motion: reduce)")
  const stepper = { show, tell: null, leave }
  const state = { data: null, step: 0, given: null, timer: null, playing: false, drawn: "" }
  const steps = beginSteps(document)
  const threads = svgElement("svg", { class: "threads", "aria-hidden": "true" }, root)
  const watcher = new ResizeObserver(() => state.data && drawThreads(threads, list, state))
  watcher.observe(root)

  function show(data) {
    // A step that the browser went to by itself is not known to Python: its own counts where it is a new one.
    if (!data.containers || state.given !== data.step || state.step >= data.pictures.length) state.step = data.step
    Object.assign(state, { data, given: data.step })
    const drawn = data.pictures.map((picture) => picture.source + picture.title + picture.marked).join()
    if (drawn !== state.drawn) list.replaceChildren(...data.pictures.map(createStep))
    state.drawn = drawn
    list.setAttribute("aria-label", data.words.beats)
    paint()
    if (state.playing) wait()
  }

  function createStep(picture, at) {
    const { width, height } = picture
    const item = element("li")
    const button = element("button", "", item)
    const frame = element("span", "frame", button)
    const drawing = svgElement(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": picture.alt },
      frame,
    )
    svgElement("image", { href: picture.source, width, height }, drawing)
    for (const [x, y, across, down] of picture.marked)
      svgElement("rect", { x, y, width: across, height: down }, drawing)
    element("b", "", button, picture.title)
    element("small", "", button, picture.shape)
    button.type = "button"
    button.onclick = () => stopAndGo(at)
    return item
  }

  const last = () => state.data.pictures.length - 1

  function paint() {
    const { data, step, playing } = state
    ;[...list.children].forEach((item, at) => {
      item.className = at === step ? "now" : at > step ? "ahead" : ""
      if (at === step) item.firstChild.setAttribute("aria-current", "step")
      else item.firstChild.removeAttribute("aria-current")
    })
    const now = list.children[step] // on a phone the row is wider than the window
    list.scrollTo({ left: now.offsetLeft - (list.clientWidth - now.offsetWidth) / 2 })
    back.textContent = data.words.back
    next.textContent = data.words.next
    play.textContent = playing ? data.words.pause : data.words.play
    play.hidden = still.matches
    back.disabled = step === 0
    next.disabled = step === last()
    status.textContent = fill(data.words.beat, { number: step + 1, count: data.pictures.length })
    if (data.containers) steps.show(data.containers, step, data.pictures.length)
    drawThreads(threads, list, state)
  }

  function leave() {
    clearTimeout(state.timer)
    steps.end()
  }

  function go(to) {
    if (to === state.step || to < 0 || to > last()) return
    const from = state.step
    state.step = to
    paint()
    if (to === from + 1 && !still.matches) slideRows(root, list, state.data.pictures, to)
    if (!state.data.containers) return stepper.tell(to)
    writeStep(state.data.parameter, to + 1)
    if (state.playing) wait()
  }

  function stopAndGo(to) {
    stop()
    go(to)
  }

  // The next step begins a pause after this one has been shown, so that a slow line only slows it down.
  function wait() {
    clearTimeout(state.timer)
    if (state.step === last()) stop()
    else state.timer = setTimeout(() => root.isConnected && go(state.step + 1), state.data.pause)
  }

  function stop() {
    clearTimeout(state.timer)
    state.playing = false
    paint()
  }

  back.onclick = () => stopAndGo(state.step - 1)
  next.onclick = () => stopAndGo(state.step + 1)
  play.onclick = () => {
    if (state.playing) return stop()
    state.playing = true
    if (state.step === last()) go(0)
    else wait()
    paint()
  }
  return stepper
}
