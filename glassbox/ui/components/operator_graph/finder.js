// The field that searches the graph, with its list: arrow keys go through it, Enter takes one.
import { element } from "../_shared/dom.js"
import { fill } from "../_shared/numbers.js"
import { search } from "./search.js"

const MOST_FOUND = 50 // shown of what was found

// `graphs()`: what is searched; `words()`: the component's words; `take({ graph, node })`: called with the one chosen.
export function createFinder(root, { graphs, words, take }) {
  const input = root.querySelector("input")
  const list = root.querySelector("ul")
  const state = { found: [], at: 0 }

  function open(found) {
    state.found = found.slice(0, MOST_FOUND)
    state.at = 0
    list.replaceChildren()
    for (const [i, place] of state.found.entries()) {
      const { operator, name, shape, kind } = graphs()[place.graph].nodes[place.node]
      const item = element("li", "", list)
      Object.assign(item, { id: `found${i}` })
      item.setAttribute("role", "option")
      element("b", "", item, operator || words()[kind])
      item.append(` ${name} `)
      element("small", "", item, shape)
      item.onpointerdown = (event) => event.preventDefault() // the field keeps the focus
      item.onclick = () => choose(i)
    }
    const count = element("li", "count", list, countWords(found))
    count.setAttribute("role", "option")
    count.setAttribute("aria-disabled", "true")
    list.hidden = false
    input.setAttribute("aria-expanded", "true")
    mark()
  }

  const countWords = (found) =>
    found.length
      ? fill(words().found, { count: found.length.toLocaleString("en"), shown: Math.min(found.length, MOST_FOUND) })
      : words().nothing

  function close() {
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    input.removeAttribute("aria-activedescendant")
  }

  function mark() {
    for (const [i, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(i === state.at))
    if (!state.found.length) return
    input.setAttribute("aria-activedescendant", `found${state.at}`)
    list.children[state.at].scrollIntoView({ block: "nearest" })
  }

  function choose(i) {
    close()
    if (state.found[i]) take(state.found[i])
  }

  const look = () => (input.value.trim() ? open(search(graphs(), input.value)) : close())
  input.oninput = look
  input.onfocus = look
  input.onblur = close
  input.onkeydown = (event) => {
    if (event.key === "Enter") choose(state.at)
    else if (event.key === "Escape") close()
    else if (event.key === "ArrowDown") state.at = Math.min(state.at + 1, state.found.length - 1)
    else if (event.key === "ArrowUp") state.at = Math.max(state.at - 1, 0)
    else return
    event.preventDefault()
    if (!list.hidden) mark()
  }
}
