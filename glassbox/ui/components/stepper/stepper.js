// The beats of a lesson. The browser keeps the time; what a beat has to say comes from Python, beat by beat.
const SVG = "http://www.w3.org/2000/svg"
const lessons = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".lesson")
  let lesson = lessons.get(root)
  if (!lesson) lessons.set(root, (lesson = createLesson(root)))
  lesson.tell = (step) => setTriggerValue("step", step)
  lesson.show(data)
}

const said = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])

function svg(name, attributes, parent) {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  parent?.append(made)
  return made
}

function createLesson(root) {
  const list = root.querySelector("ol"), status = root.querySelector("span")
  const [back, play, next] = root.querySelectorAll(".keys button")
  const still = window.matchMedia("(prefers-reduced-motion: reduce)")
  const lesson = { show, stop, tell: null }
  let data = null, step = 0, timer = null, playing = false, drawn = ""

  function show(given) {
    data = given
    step = data.step
    const sources = data.stages.map((stage) => stage.source + stage.title + stage.marked).join()
    if (sources !== drawn) list.replaceChildren(...data.stages.map(createStage))
    drawn = sources
    list.setAttribute("aria-label", data.words.beats)
    light()
    if (playing) wait()
  }

  function createStage(stage, at) {
    const item = document.createElement("li"), button = document.createElement("button")
    button.type = "button"
    button.onclick = () => (stop(), go(at))
    button.innerHTML = '<span class="frame"></span><b></b><small></small>'
    const picture = svg("svg", { viewBox: `0 0 ${stage.width} ${stage.height}`, role: "img", "aria-label": stage.alt }, button.firstChild)
    svg("image", { href: stage.source, width: stage.width, height: stage.height }, picture)
    for (const [x, y, width, height] of stage.marked) svg("rect", { x, y, width, height }, picture)
    button.querySelector("b").textContent = stage.title
    button.querySelector("small").textContent = stage.shape
    item.append(button)
    return item
  }

  function light() {
    ;[...list.children].forEach((item, at) => {
      item.className = at === step ? "now" : at > step ? "ahead" : ""
      if (at === step) item.firstChild.setAttribute("aria-current", "step")
      else item.firstChild.removeAttribute("aria-current")
    })
    back.textContent = data.words.back
    next.textContent = data.words.next
    play.textContent = playing ? data.words.pause : data.words.play
    play.hidden = still.matches
    back.disabled = step === 0
    next.disabled = step === data.stages.length - 1
    status.textContent = said(data.words.beat, { number: step + 1, count: data.stages.length })
  }

  function go(to) {
    if (to === step || to < 0 || to >= data.stages.length) return
    step = to
    light()
    lesson.tell(to)
  }

  // The next beat begins a pause after this one has been shown, so that a slow line only slows the lesson down.
  function wait() {
    clearTimeout(timer)
    if (step === data.stages.length - 1) return stop()
    timer = setTimeout(() => root.isConnected && go(step + 1), data.pause)
  }

  function stop() {
    clearTimeout(timer)
    playing = false
    if (data) light()
  }

  back.onclick = () => (stop(), go(step - 1))
  next.onclick = () => (stop(), go(step + 1))
  play.onclick = () => {
    if (playing) return stop()
    playing = true
    if (step === data.stages.length - 1) go(0)
    else wait()
    light()
  }
  return lesson
}
