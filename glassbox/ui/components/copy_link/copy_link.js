export default function ({ data, parentElement }) {
  document.documentElement.lang = data.language
  const button = parentElement.querySelector("button")
  const label = parentElement.querySelector("span")
  const field = parentElement.querySelector("input")
  const status = parentElement.querySelector("p")
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
