// A box whose text is sent at every short pause of the visitor who writes in it.
import { remembered } from "../_shared/dom.js"
import { fill } from "../_shared/numbers.js"

const PAUSE = 250 // milliseconds without a key before the text is sent

export default function ({ data, parentElement, setTriggerValue }) {
  const box = remembered(parentElement.querySelector("textarea"), (field) => createBox(parentElement, field))
  box.send = (typed) => setTriggerValue("typed", typed)
  box.show(data)
}

function createBox(parent, field) {
  const [label, count, clear] = ["label", "span", "button"].map((name) => parent.querySelector(name))
  const box = { show, send: null }
  const state = { data: null, timer: null, version: null, sent: null }

  function show(data) {
    const { text, version, language, words } = data
    state.data = data
    if (version !== state.version) {
      Object.assign(state, { version, sent: text })
      if (field.value !== text) field.value = text
    }
    label.textContent = words.label
    clear.textContent = words.clear
    field.placeholder = words.placeholder
    field.lang = language
    writeCount()
  }

  function writeCount() {
    const { limit, words } = state.data
    const length = [...field.value].length
    count.textContent = fill(words.count, { count: length.toLocaleString("en"), limit })
    count.classList.toggle("over", length > limit)
    clear.hidden = !field.value
  }

  function send() {
    clearTimeout(state.timer)
    if (!field.isConnected || field.value === state.sent) return
    state.sent = field.value
    const characters = [...field.value]
    box.send({ text: characters.slice(0, state.data.sent).join(""), count: characters.length })
  }

  // What an input method is still composing is no text yet: pinyin would be read as Latin letters.
  function sendLater(composing) {
    writeCount()
    clearTimeout(state.timer)
    if (!composing) state.timer = setTimeout(send, PAUSE)
  }
  field.oninput = (event) => sendLater(event.isComposing)
  field.addEventListener("compositionend", () => sendLater(false))
  field.onblur = send
  clear.onclick = () => {
    field.value = ""
    writeCount()
    send()
    field.focus()
  }
  return box
}
