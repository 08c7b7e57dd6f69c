// Elements, and what a component remembers between two calls of its default function.
const SVG = "http://www.w3.org/2000/svg"
const states = new WeakMap()

// Return what `create(root)` returned at the first call with this `root`.
export function remembered(root, create) {
  if (!states.has(root)) states.set(root, create(root))
  return states.get(root)
}

export const forget = (root) => states.delete(root)

// Return a new element, appended to `parent` where there is one.
export function element(tag, className = "", parent = null, text = undefined) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  parent?.append(made)
  return made
}

// The same for an SVG element, with its attributes.
export function svgElement(tag, attributes = {}, parent = null, text = undefined) {
  const made = document.createElementNS(SVG, tag)
  setAttributes(made, attributes)
  if (text !== undefined) made.textContent = text
  parent?.append(made)
  return made
}

export function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, value)
}

// Say what changed to screen readers, once: it is not left behind on the page.
export function announce(status, words) {
  status.textContent = words
  setTimeout(() => {
    if (status.textContent === words) status.textContent = ""
  }, 3000)
}

// Let a plain click on a link call `go` and stay in this visit; any other click opens the address as links do.
export function onPlainClick(link, go) {
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    go()
  }
}
