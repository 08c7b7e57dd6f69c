// Terms in a page's text are links to the glossary, with their meaning as title and the second name in an em.
import { placeBeside } from "./place.js"

const TERM = 'a[href^="faq?"][href*="term="][title]'

export default function ({ data, parentElement }) {
  const box = parentElement.querySelector("[popover]")
  const [name, twin, meaning, more, close] = ["span", "em", "p", "a", "button"].map((tag) => box.querySelector(tag))
  box.setAttribute("aria-label", data.words.label)
  close.setAttribute("aria-label", data.words.close)
  more.textContent = data.words.more
  twin.lang = data.twin_language
  close.onclick = () => box.hidePopover()

  let waiting = 0
  const mark = () => {
    waiting = 0
    for (const one of document.querySelectorAll(`${TERM} em:not([lang])`)) one.lang = data.twin_language
  }
  const changed = () => {
    waiting ||= requestAnimationFrame(mark)
  }
  const open = (event) => {
    const term = event.target.closest?.(TERM)
    if (!term || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const second = term.querySelector("em")?.textContent ?? ""
    twin.textContent = second
    name.textContent = second ? term.textContent.slice(0, -second.length).trim() : term.textContent
    meaning.textContent = term.title
    more.href = term.href
    box.showPopover()
    const view = { width: document.documentElement.clientWidth, height: innerHeight }
    const { left, top } = placeBeside(term.getBoundingClientRect(), box.getBoundingClientRect(), view)
    Object.assign(box.style, { left: `${left}px`, top: `${top}px` })
    box.focus()
  }

  const observer = new MutationObserver(changed)
  observer.observe(document.body, { childList: true, subtree: true })
  document.addEventListener("click", open, { capture: true })
  mark()
  return () => {
    observer.disconnect()
    cancelAnimationFrame(waiting)
    document.removeEventListener("click", open, { capture: true })
  }
}
