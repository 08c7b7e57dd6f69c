// A request to a model as a service beside its answer: each field explained, sent from here, and where the time went.
import { bytes, typedArray } from "../_shared/arrays.js"
import { announce, element, remembered } from "../_shared/dom.js"
import { clamp, fill, number, sentences } from "../_shared/numbers.js"
import { createPane } from "./pane.js"
import { end, quantile, serverTiming, waterfall } from "./waterfall.js"

const SIDE = 28 // pixels
const PATIENCE = 10000 // milliseconds until an answer is given up
const SHORTEST = 0.05 // milliseconds; loading a model that is loaded takes less and is not shown
const KEPT = 30 // times of sending, for their median
const HEAD = ["content-type", "content-length", "inference-header-content-length", "server-timing"]

export default function ({ data, parentElement }) {
  remembered(parentElement.querySelector(".exchange"), createExchange).show(data)
}

function createExchange(root) {
  const find = (name) => root.querySelector(name)
  const state = { data: null, sentFor: "", times: [], number: 0, picture: null, answer: null }
  const request = createPane(find(".request"), (part, place, scroll) => touch(request, part, place, scroll))
  const answer = createPane(find(".answer"), (part, place, scroll) => touch(answer, part, place, scroll))
  const [canvas, button, status] = [find("canvas"), find("button"), find(".said")]
  const [name, explained, where] = find(".explanation").children

  function show(data) {
    Object.assign(state, { data, body: bytes(data.body), picture: bytes(data.picture) })
    root.style.setProperty("--colour", data.colour)
    button.textContent = data.words.send
    canvas.setAttribute("aria-label", data.words.picture)
    const { words } = data
    const lines = [`POST /${data.path} HTTP/1.1`, ...data.headers.map(([header, value]) => `${header}: ${value}`)]
    const paths = ["head.request", ...data.headers.map(([header]) => `head.${header.toLowerCase()}`)]
    request.show({
      name: words.request,
      said: fill(words.bytes, { count: count(state.body.length) }),
      lines: lines.map((text, i) => ({ text, path: paths[i] })),
      bytes: state.body,
      jsonLength: data.json_length,
    })
    request.label(title)
    draw(null)
    const asked = `${data.path} ${data.body}`
    if (asked === state.sentFor) {
      showAnswer()
      return
    }
    Object.assign(state, { sentFor: asked, times: [], answer: null })
    explain(request, request.parts()[0], null)
    send()
  }

  const count = (value) => number(value)
  const fieldWords = (path) => state.data.fields[path] ?? state.data.fields.other
  const title = (part) => fieldWords(part.path)[0]

  function touch(pane, part, place, scroll = false) {
    explain(pane, part, place, scroll)
    if (scroll || place === null)
      announce(status, [...find(".explanation").children].map((one) => one.textContent).join(" "))
  }

  // Say what a part is and, of its numbers, what the one at `place` is.
  function explain(pane, part, place, scroll = false) {
    const { words } = state.data
    ;[request, answer].forEach((one) => one.mark(one === pane ? one.parts().indexOf(part) : -1, place, scroll))
    const [called, told] = fieldWords(part.path)
    name.textContent = called
    explained.textContent = told
    where.textContent =
      part.text === undefined
        ? fill(words.place, { from: count(part.from), to: count(part.to - 1), count: count(part.to - part.from) })
        : words.in_head
    const isPicture = pane === request && part.values?.length === SIDE * SIDE
    const isAnswer = pane === answer && part.values?.length === state.data.labels.length
    if (place !== null && part.values) {
      const [from, to] = part.numbers[place]
      const value = number(part.values[place])
      const spot = {
        value,
        from: count(from),
        to: count(to - 1),
        row: Math.floor(place / SIDE) + 1,
        column: (place % SIDE) + 1,
      }
      where.textContent = fill(isPicture ? words.pixel : isAnswer ? words.share : words.one, {
        ...spot,
        label: state.data.labels[place],
      })
    }
    draw(isPicture ? place : null)
    ;[...find(".bars").children].forEach((bar, i) => bar.classList.toggle("here", isAnswer && i === place))
  }

  // Draw the picture, white on black as the network gets it, with a frame around the pixel `place`.
  function draw(place) {
    const context = canvas.getContext("2d")
    const zoom = canvas.width / SIDE
    context.clearRect(0, 0, canvas.width, canvas.height)
    state.picture.forEach((grey, i) => {
      context.fillStyle = `rgb(${grey} ${grey} ${grey})`
      context.fillRect((i % SIDE) * zoom, Math.floor(i / SIDE) * zoom, zoom, zoom)
    })
    state.pixel = place
    if (place === null) return
    context.strokeStyle = state.data.colour
    context.lineWidth = zoom / 2
    context.strokeRect(
      (place % SIDE) * zoom - zoom / 4,
      Math.floor(place / SIDE) * zoom - zoom / 4,
      1.5 * zoom,
      1.5 * zoom,
    )
  }

  function pixel(place, byKey = false) {
    const part = request.tensor()
    if (part) (byKey ? touch : explain)(request, part, clamp(place, 0, SIDE * SIDE - 1), true)
  }

  function pointed(event) {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height].map((share) =>
      clamp(Math.floor(share * SIDE), 0, SIDE - 1),
    )
    pixel(y * SIDE + x)
  }

  async function send() {
    const { data, body } = state
    const mine = ++state.number
    button.disabled = true
    const url = new URL(data.path, location.origin + location.pathname.replace(/[^/]*\/?$/, "")).href
    try {
      const sent = performance.now()
      const response = await fetch(url, {
        method: "POST",
        headers: Object.fromEntries(data.headers.filter(([header]) => header.toLowerCase() !== "content-length")),
        body,
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE),
      })
      const began = performance.now()
      const received = new Uint8Array(await response.arrayBuffer())
      const ended = performance.now()
      await new Promise((resolve) => setTimeout(resolve))
      if (mine !== state.number) return
      const entry = performance.getEntriesByName(url, "resource").at(-1)
      performance.clearResourceTimings()
      const measured = entry?.responseStart
        ? {
            sent: entry.startTime,
            began: entry.responseStart,
            ended: entry.responseEnd,
            connect: entry.connectEnd - entry.connectStart,
          }
        : { sent, began, ended, connect: 0 }
      state.answer = {
        bytes: received,
        ok: response.ok,
        status: response.status,
        protocol: (entry?.nextHopProtocol || "http/1.1").replace("h2", "http/2").toUpperCase(),
        reason: response.statusText,
        headers: HEAD.filter((header) => response.headers.has(header)).map((header) => [
          header,
          response.headers.get(header),
        ]),
        jsonLength: Number(response.headers.get("inference-header-content-length")) || null,
        measured,
        timing: serverTiming(response.headers.get("server-timing")),
      }
      if (response.ok) state.times = [...state.times, measured.ended - measured.sent].slice(-KEPT)
    } catch (error) {
      if (mine !== state.number) return
      state.answer = { failed: error.name === "TimeoutError" ? "late" : "lost" }
    }
    button.disabled = false
    showAnswer()
  }

  function showAnswer() {
    const { words } = state.data
    const got = state.answer
    if (!got) return
    const nothing = got.failed || !got.bytes
    root.classList.toggle("failed", Boolean(nothing || !got.ok))
    answer.show({
      name: words.answer,
      said: nothing ? "" : fill(words.bytes, { count: count(got.bytes.length) }),
      lines: nothing
        ? []
        : [
            { path: "head.status", text: `${got.protocol} ${got.status} ${got.reason}`.trim() },
            ...got.headers.map(([header, value]) => ({ path: `head.${header}`, text: `${header}: ${value}` })),
          ],
      bytes: nothing ? new Uint8Array() : got.bytes,
      jsonLength: got.jsonLength,
    })
    answer.label(title)
    const values = got.ok ? answer.tensor()?.values : null
    showBars(values ?? [])
    find(".verdict").textContent = values ? agreement(values) : refusal(got)
    announce(status, find(".verdict").textContent)
    showWaterfall(got)
  }

  function refusal(got) {
    const { words } = state.data
    if (got.failed) return words[got.failed]
    return words[`status_${got.status}`] ?? fill(words.refused, { status: got.status })
  }

  // Compare the answer with what the page's own engine gave.
  function agreement(values) {
    const { words, labels } = state.data
    const expected = typedArray(state.data.expected, Float32Array)
    const apart = Math.max(...values.map((value, i) => Math.abs(Math.fround(value) - expected[i])))
    const label = labels[values.indexOf(Math.max(...values))]
    const same = apart === 0 ? words.same : fill(words.apart, { apart: number(apart) })
    return sentences(fill(words.says, { label, page: state.data.label }), same, state.data.told)
  }

  function showBars(values) {
    const [least, most] = [Math.min(...values, 0), Math.max(...values, 1e-9)]
    find(".output").hidden = !values.length
    find(".output figcaption").textContent = fill(state.data.words.output, {
      least: number(Math.min(...values)),
      most: number(Math.max(...values)),
    })
    find(".bars").replaceChildren(
      ...values.map((value, i) => {
        const bar = element("li", "")
        bar.style.setProperty("--share", (value - least) / (most - least))
        element("i", "", bar)
        element("b", "", bar, state.data.labels[i])
        bar.onpointerenter = () => explain(answer, answer.tensor(), i, true)
        bar.onclick = () => explain(answer, answer.tensor(), i, true)
        return bar
      }),
    )
  }

  function showWaterfall(got) {
    const { words } = state.data
    find(".times").hidden = !got.measured
    if (!got.measured) return
    const { steps, phases } = waterfall(got.measured, got.timing)
    const shown = phases.filter(({ name: phase, length }) => phase !== "load" || length >= SHORTEST)
    find(".times figcaption").textContent = fill(words.took, { time: milliseconds(end(steps)) })
    drawRows(find(".steps"), steps, got)
    find(".inside").textContent = fill(words.inside, { time: milliseconds(end(phases)) })
    drawRows(find(".phases"), shown, got)
    const said = { count: state.times.length, median: milliseconds(quantile(state.times, 0.5) ?? 0) }
    find(".note").textContent = state.times.length > 1 ? fill(words.median, said) : words.waterfall
  }

  function drawRows(list, rows, got) {
    const { words, phases } = state.data
    const total = Math.max(end(rows), 1e-6)
    list.replaceChildren(
      ...rows.map(({ name: row, start, length }) => {
        const item = element("li", row === "server" ? "server" : "")
        const label = element("span", "", item, fill(phases[row][0], { rows: got.timing.run?.said || "1" }))
        label.title = phases[row][1]
        const track = element("i", "", item)
        track.style.setProperty("--start", start / total)
        track.style.setProperty("--length", length / total)
        element("b", "", item, row === "connect" && !length ? words.reused : milliseconds(length))
        return item
      }),
    )
  }

  const milliseconds = (time) => `${number(time)}\u00a0ms`

  Object.assign(canvas, { width: 8 * SIDE, height: 8 * SIDE })
  canvas.onpointermove = (event) => event.pointerType === "mouse" && pointed(event)
  canvas.onclick = pointed
  canvas.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -SIDE, ArrowDown: SIDE }[event.key]
    if (!step) return
    event.preventDefault()
    pixel((state.pixel ?? (SIDE / 2) * SIDE + SIDE / 2 - step) + step, true)
  }
  button.onclick = send
  return { show }
}
