const PAUSE = 250 // milliseconds without a key before the text is read
const boxes = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const field = parentElement.querySelector("textarea")
  let box = boxes.get(field)
  if (!box) boxes.set(field, (box = createBox(parentElement, field)))
  Object.assign(box, { data, send: (typed) => setTriggerValue("typed", typed) })
  box.show()
}

function createBox(parent, field) {
  const [label, count, clear] = ["label", "span", "button"].map((name) => parent.querySelector(name))
  const box = { timer: null, version: null, said: null }

  box.show = () => {
    const { text, version, language, words } = box.data
    if (version !== box.version) {
      box.version = version
      box.said = text
      if (field.value !== text) field.value = text
    }
    label.textContent = words.label
    clear.textContent = words.clear
    field.placeholder = words.placeholder
    field.lang = language
    tell()
  }

  function tell() {
    const length = [...field.value].length
    count.textContent = box.data.words.count.replace("{count}", length.toLocaleString("en")).replace("{limit}", box.data.limit)
    count.classList.toggle("over", length > box.data.limit)
    clear.hidden = !field.value
  }

  function send() {
    clearTimeout(box.timer)
    if (!field.isConnected || field.value === box.said) return
    box.said = field.value
    const characters = [...field.value]
    box.send({ text: characters.slice(0, box.data.sent).join(""), count: characters.length })
  }

  // What an input method is still composing is no text yet: pinyin would be read as Latin letters.
  const later = (event) => {
    tell()
    clearTimeout(box.timer)
    if (!event.isComposing) box.timer = setTimeout(send, PAUSE)
  }
  field.oninput = later
  field.addEventListener("compositionend", () => later({ isComposing: false }))
  field.onblur = send
  clear.onclick = () => {
    field.value = ""
    tell()
    send()
    field.focus()
  }
  return box
}
