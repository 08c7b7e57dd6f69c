// A button that copies the page's link, and says so.
import { tellOfConnection } from "./connection.js"
import { keepDigitOutOfHistory } from "./history.js"

export default function ({ data, parentElement, setTriggerValue }) {
  document.documentElement.lang = data.language
  keepDigitOutOfHistory(history, location)
  const again = () => setTriggerValue("back", true)
  tellOfConnection(document, { title: data.words.gone, text: data.words.gone_text, again })
  const [button, label, field, status] = ["button", "span", "input", "p"].map((name) =>
    parentElement.querySelector(name),
  )
  const say = (words) => (label.textContent = status.textContent = words)
  label.textContent = data.words.copy
  field.setAttribute("aria-label", data.words.by_hand)
  button.onclick = async () => {
    const link = data.page + (location.search || data.query)
    try {
      await navigator.clipboard.writeText(link)
      say(data.words.copied)
    } catch {
      // The clipboard is closed to pages without https: offer the link to copy by hand.
      Object.assign(field, { hidden: false, value: link })
      field.select()
      say(data.words.by_hand)
    }
    setTimeout(() => (label.textContent = data.words.copy), 2500)
  }
}
