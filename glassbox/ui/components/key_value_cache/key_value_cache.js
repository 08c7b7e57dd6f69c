// What a transformer keeps of each token it has read, row by row.
import { typedArray } from "../_shared/arrays.js"
import { css, diverging, mix, themeColours } from "../_shared/colours.js"
import { element, remembered } from "../_shared/dom.js"
import { clamp, fill } from "../_shared/numbers.js"

const PACE = 160 // milliseconds a token
const ALL = 127 // what stands for the largest number

export default function ({ data, parentElement }) {
  remembered(parentElement.querySelector(".cache"), createCache).show(data)
}

function createCache(root) {
  const find = (name) => root.querySelector(name)
  const [play, slider, output, kept, times, list, canvas] = [
    ".play",
    "input",
    "output",
    ".kept",
    ".times",
    "ol",
    "canvas",
  ].map(find)
  const state = { data: null, cells: null, theme: null, read: 0, timer: null }

  function show(data) {
    const other = data.signs.join() !== state.data?.signs.join()
    Object.assign(state, { data, cells: typedArray(data.cells, Int8Array), theme: themeColours(root) })
    root.style.setProperty("--colour", data.colour)
    list.replaceChildren(...data.signs.map((sign) => element("li", "", null, sign)))
    Object.assign(canvas, { width: data.numbers, height: data.signs.length })
    slider.max = data.signs.length
    slider.setAttribute("aria-label", data.words.place.split("{place}")[0])
    const [keys, values] = root.querySelectorAll(".heads b")
    keys.textContent = fill(data.words.keys, { layer: data.layer })
    values.textContent = fill(data.words.values, { layer: data.layer })
    if (other) pause()
    seek(other ? data.signs.length : state.read)
    play.textContent = state.timer ? `❚❚ ${data.words.pause}` : `▶ ${data.words.play}`
  }

  // Go to the place, from 1 on, that was read last.
  function seek(place) {
    const { data, cells, theme } = state
    const { words, signs, sizes, seconds, numbers } = data
    const read = clamp(place, 1, signs.length)
    state.read = read
    slider.value = read
    output.textContent = fill(words.place, { place: read, count: signs.length, sign: signs[read - 1] })
    slider.setAttribute("aria-valuetext", output.textContent)
    kept.textContent = fill(words.kept, { size: sizes[read - 1] })
    const pair = seconds[read - 1] ?? []
    times.replaceChildren(
      ...pair.flatMap(([text, share], which) => {
        const value = element("dd")
        element("i", "", value).style.setProperty("--share", share)
        element("span", "", value, text)
        return [element("dt", "", null, which ? words.without : words.with), value]
      }),
    )
    ;[...list.children].forEach((item, row) => {
      item.className = row >= read ? "ahead" : row === read - 1 ? "now" : ""
    })
    canvas.setAttribute("aria-label", `${output.textContent}. ${kept.textContent}`)
    const context = canvas.getContext("2d")
    const nothing = css(mix(theme.paper, theme.ink, 0.06))
    for (let row = 0; row < signs.length; row++)
      for (let column = 0; column < numbers; column++) {
        context.fillStyle = row < read ? css(diverging(theme, cells[row * numbers + column] / ALL)) : nothing
        context.fillRect(column, row, 1, 1)
      }
  }

  function pause() {
    clearInterval(state.timer)
    state.timer = null
    play.textContent = `▶ ${state.data.words.play}`
  }

  function start() {
    const last = state.data.signs.length
    if (state.read >= last) seek(1)
    state.timer = setInterval(() => {
      if (!root.isConnected || state.read >= last) return pause()
      seek(state.read + 1)
      if (state.read >= last) pause()
    }, PACE)
    play.textContent = `❚❚ ${state.data.words.pause}`
  }

  play.onclick = () => (state.timer ? pause() : start())
  slider.oninput = () => {
    pause()
    seek(Number(slider.value))
  }
  return { show }
}
