// The bar above a board that trains live: play and pause, one step, a new start, how much at a time, and some figures.
import { element } from "./dom.js"
import { createRequests } from "./requests.js"

// `unit`: what a request to train counts, "steps" or "epochs"; `amounts` of them that the visitor can choose, at first
// `usual`; `unanswered`: called when the server is given up.
export function createTrainingBar(root, { unit, amounts, usual, unanswered }) {
  const find = (name) => root.querySelector(`.gb-training-${name}`)
  const speed = find("speed").querySelector("select")
  const state = { playing: false, words: null }
  const requests = createRequests({
    ready: () => state.playing && root.isConnected && !document.hidden,
    next: () => ({ kind: "train", [unit]: Number(speed.value) }),
    unanswered,
  })
  for (const amount of amounts) speed.add(new Option(amount, amount, amount === usual, amount === usual))

  // `figures`: pairs of a name and a value; `said`: what there is to say of training, "" for nothing.
  function write(words, { figures, said, finished = false }) {
    state.words = words
    writePlay()
    find("step").textContent = words.step
    find("reset").textContent = words.reset
    find("play").disabled = find("step").disabled = finished
    find("speed").querySelector("span").textContent = words.speed
    find("figures").replaceChildren(
      ...figures.map(([name, value]) => {
        const item = element("span", "", null, `${name} `)
        element("b", "", item, value)
        return item
      }),
    )
    if (find("said").textContent !== said) find("said").textContent = said
  }

  function writePlay() {
    const { words, playing } = state
    find("play").textContent = playing ? `❚❚ ${words.pause}` : `▶ ${words.play}`
    find("play").setAttribute("aria-pressed", playing)
  }

  function play(playing) {
    state.playing = playing
    if (state.words) writePlay()
    requests.train()
  }

  function stopAndAsk(request) {
    play(false)
    requests.ask(request)
  }

  find("play").onclick = () => play(!state.playing)
  find("step").onclick = () => stopAndAsk({ kind: "train", [unit]: 1 })
  find("reset").onclick = () => stopAndAsk({ kind: "reset" })
  document.addEventListener("visibilitychange", requests.train)
  return { requests, write, play, stopAndAsk, playing: () => state.playing }
}
