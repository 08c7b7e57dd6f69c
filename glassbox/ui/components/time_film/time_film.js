// Heat maps that share one clock: rows are time, from top to bottom, as the network reads them.
const PACE = 250 // milliseconds a row
const films = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".networks")
  let film = films.get(root)
  if (!film) films.set(root, (film = createFilm(parentElement, root)))
  film.ask = (asked) => setTriggerValue("asked", asked)
  film.show(data)
  return () => film.pause()
}

function element(tag, name, parent, text = "") {
  const made = document.createElement(tag)
  made.className = name
  made.textContent = text
  parent.append(made)
  return made
}

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name])

function spoken(value) {
  if (value === 0) return "0"
  if (Math.abs(value) >= 0.001) return value.toPrecision(3).replace("-", "−")
  const [digits, power] = value.toExponential(2).split("e")
  return `${digits} × 10${[...String(Number(power))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("")}`.replace("-", "−")
}

// IEEE 754 half precision, little-endian.
function numbers(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const half = bytes[2 * i] | (bytes[2 * i + 1] << 8)
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = (half & 1023) / 1024
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction)
  })
}

function createFilm(parent, root) {
  const [play, back, slider, forward, clock] = [".play", ".back", "input", ".forward", "output"].map((name) => parent.querySelector(name))
  const readout = parent.querySelector(".readout")
  const film = { data: null, row: null, timer: null, panels: [], ask: () => {} }
  const palette = {}

  function colours() {
    const ink = document.createElement("canvas").getContext("2d")
    const style = getComputedStyle(root)
    for (const [name, variable] of Object.entries({ paper: "--st-background-color", ink: "--st-text-color", less: "--gb-negative", more: "--gb-positive" })) {
      ink.fillStyle = style.getPropertyValue(variable).trim()
      palette[name] = [1, 3, 5].map((i) => parseInt(ink.fillStyle.slice(i, i + 2), 16))
    }
  }

  function paint(panel) {
    const { units, values, limit, signed, bars } = panel
    const width = bars ? panel.canvas.width : units
    const context = panel.canvas.getContext("2d")
    const image = context.createImageData(width, film.data.rows)
    for (let row = 0; row < film.data.rows; row++) {
      const strength = row < film.row ? 1 : 0.07
      for (let x = 0; x < width; x++) {
        const value = bars ? (x + 0.5 < values[row] * width ? 0.75 : 0) : values[row * units + x] / limit
        const end = signed ? (value < 0 ? palette.less : palette.more) : palette.ink
        const share = Math.min(1, Math.abs(value)) * strength
        palette.paper.forEach((paper, k) => (image.data[4 * (row * width + x) + k] = paper + share * (end[k] - paper)))
        image.data[4 * (row * width + x) + 3] = 255
      }
    }
    context.putImageData(image, 0, 0)
  }

  function frame(panel, mark, row, unit) {
    Object.assign(panel[mark].style, {
      display: "block",
      top: `${row * panel.height}px`,
      left: mark === "band" ? "" : `${unit * panel.width}px`,
    })
  }

  function point(panel, row, unit) {
    for (const one of film.panels) one.point.style.display = "none"
    if (!panel) return (readout.textContent = film.data.words.hint)
    Object.assign(panel, { at: [row, unit] })
    if (!panel.bars) frame(panel, "point", row, unit)
    const shown = { part: panel.title, row: row + 1, unit: panel.part === "score" ? unit : unit + 1, token: film.data.labels[row] }
    readout.textContent = `${panel.network.title} · ${fill(panel.hover, { ...shown, value: spoken(panel.values[row * panel.units + (panel.bars ? 0 : unit)]) })}`
  }

  function seek(row) {
    film.row = Math.min(film.data.rows, Math.max(1, row))
    slider.value = film.row
    const { words } = film.data
    clock.textContent = fill(words.row, { row: film.row, rows: film.data.rows })
    for (const panel of film.panels) {
      paint(panel)
      frame(panel, "band", film.row - 1)
    }
    const heard = film.networks.map(({ network, now }) => {
      const [label, share] = network.verdicts[film.row - 1]
      now.querySelector("em").textContent = label
      now.lastChild.textContent = ` ${fill(words.sure, { share })}`
      return `${network.title} ${label}`
    })
    slider.setAttribute("aria-valuetext", `${clock.textContent}: ${heard.join(", ")}`)
  }

  film.pause = () => {
    clearInterval(film.timer)
    film.timer = null
    play.textContent = `▶ ${film.data.words.play}`
  }

  function start() {
    if (film.row >= film.data.rows) seek(1)
    film.timer = setInterval(() => {
      seek(film.row + 1)
      if (film.row >= film.data.rows) film.pause()
    }, PACE)
    play.textContent = `❚❚ ${film.data.words.pause}`
  }

  function createPanel(network, given, parent) {
    const [cell, high] = network.cell
    const figure = element("figure", "", parent)
    element("figcaption", "", figure, given.title)
    const body = element("div", "body", figure)
    if (film.data.labels.length) {
      const labels = element("ol", "labels", body)
      for (const label of film.data.labels) element("li", "", labels, label)
    }
    const map = element("div", "map", body)
    const canvas = element("canvas", "", map)
    const width = given.bars ? 1 : given.wide ? cell + 2 : cell
    const panel = { ...given, network, canvas, width, height: high, values: numbers(given.values), at: [0, 0] }
    Object.assign(canvas, { width: given.bars ? 72 : given.units, height: film.data.rows, tabIndex: 0 })
    canvas.style.width = `${canvas.width * width}px`
    canvas.style.height = `${film.data.rows * high}px`
    body.style.setProperty("--cell", `${high}px`)
    map.style.setProperty("--cell-x", `${width}px`)
    for (const mark of ["band", "point", "asked"]) panel[mark] = element("i", mark, map)
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", `${network.long_title}: ${given.title}. ${film.data.words.explore}`)
    listen(panel)
    if (given.wide) {
      const ticks = element("div", "ticks", figure)
      for (let k = 0; k < given.units; k++) element("span", "", ticks, String(k))
    } else if (!given.bars && given.part !== "picture") {
      const scale = element("div", given.signed ? "scale signed" : "scale", figure)
      element("span", "", scale, given.signed ? spoken(-given.limit) : "0")
      element("u", "", scale)
      element("span", "", scale, spoken(given.limit))
    }
    return panel
  }

  function listen(panel) {
    const { canvas } = panel
    const place = (event) => {
      const box = canvas.getBoundingClientRect()
      const within = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)))
      return [within((event.clientY - box.top) / box.height, film.data.rows), within((event.clientX - box.left) / box.width, panel.units)]
    }
    const ask = (row, unit) => {
      if (!film.data.asked || panel.bars || panel.part === "picture") return
      film.ask({ network: panel.network.name, part: panel.part, row, unit })
    }
    canvas.onpointermove = canvas.onpointerdown = (event) => point(panel, ...place(event))
    canvas.onpointerleave = (event) => event.pointerType === "mouse" && point(null)
    canvas.onclick = (event) => ask(...place(event))
    canvas.onfocus = () => canvas.matches(":focus-visible") && point(panel, ...panel.at)
    canvas.onblur = () => point(null)
    canvas.onkeydown = (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
      const [row, unit] = panel.at
      if (event.key === "Enter" || event.key === " ") ask(row, unit)
      else if (step) point(panel, Math.min(film.data.rows - 1, Math.max(0, row + step[0])), Math.min(panel.units - 1, Math.max(0, unit + step[1])))
      else return
      event.preventDefault()
    }
  }

  function createNetwork(network) {
    const section = element("section", "", root)
    section.dataset.network = network.name
    section.style.setProperty("--colour", network.colour)
    const header = element("header", "", section)
    element("b", "", header, network.title)
    element("span", "", header, network.long_title)
    const now = element("div", "now", header)
    const [before, behind] = film.data.words.after.split("{label}")
    now.append(before)
    element("em", "", now)
    now.append(behind)
    element("p", "", section, network.said)
    const panels = network.panels.map((panel) => createPanel(network, panel, element("div", "", panelsOf(section))))
    film.panels.push(...panels)
    return { network, now }
  }

  const panelsOf = (section) => section.querySelector(".panels") ?? element("div", "panels", section)

  film.show = (data) => {
    const drawn = JSON.stringify([data.networks, data.words, data.labels])
    film.data = data
    colours()
    if (drawn !== film.drawn) {
      film.drawn = drawn
      root.replaceChildren()
      film.panels = []
      film.networks = data.networks.map(createNetwork)
      film.row = Math.min(film.row ?? data.rows, data.rows)
      slider.max = data.rows
      slider.setAttribute("aria-label", data.words.row.split("{row}")[0])
      back.ariaLabel = back.title = data.words.back
      forward.ariaLabel = forward.title = data.words.forward
      film.pause()
      point(null)
    }
    for (const panel of film.panels) {
      panel.asked.style.display = "none"
      if (panel.network.name === data.asked?.network && panel.part === data.asked.part) frame(panel, "asked", data.asked.row, data.asked.unit)
    }
    seek(film.row ?? data.rows)
  }

  play.onclick = () => (film.timer ? film.pause() : start())
  back.onclick = () => (film.pause(), seek(film.row - 1))
  forward.onclick = () => (film.pause(), seek(film.row + 1))
  slider.oninput = () => (film.pause(), seek(Number(slider.value)))
  return film
}
