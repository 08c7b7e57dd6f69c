// All terms are here from the start: searching asks nobody.
import { element, onPlainClick, remembered } from "../_shared/dom.js"
import { fill } from "../_shared/numbers.js"

export default function ({ data, parentElement, setTriggerValue }) {
  const glossary = remembered(parentElement.querySelector(".gb-glossary"), createGlossary)
  glossary.tell = setTriggerValue
  glossary.show(data)
}

function createGlossary(root) {
  const [field, status, list] = ["input", "p", "dl"].map((name) => root.querySelector(name))
  const glossary = { show, tell: null }
  const state = { data: null, drawn: "", asked: null, entries: [] }

  function show(data) {
    state.data = data
    field.placeholder = data.words.search
    field.setAttribute("aria-label", data.words.search)
    const drawn = JSON.stringify([data.terms, data.words])
    if (state.drawn !== drawn) {
      state.drawn = drawn
      const order = new Intl.Collator(data.language, { sensitivity: "base" })
      state.entries = [...data.terms].sort((a, b) => order.compare(a.name, b.name)).map(createEntry)
      list.replaceChildren(...state.entries.map(({ group }) => group))
    }
    search()
    for (const { term, group } of state.entries) group.classList.toggle("gb-asked", term.key === data.asked)
    if (data.asked && state.asked !== data.asked) scrollTo(state.entries.find(({ term }) => term.key === data.asked))
    state.asked = data.asked
  }

  function search() {
    const wanted = field.value.trim().toLowerCase()
    for (const { group, text } of state.entries) group.hidden = !text.includes(wanted)
    const found = state.entries.filter(({ group }) => !group.hidden).length
    status.textContent = fill(found ? state.data.words.count : state.data.words.none, { count: found })
  }
  field.oninput = search

  // What is above this list may still be growing; so the term is shown once more when it has grown.
  function scrollTo(entry) {
    if (!entry) return
    field.value = ""
    search()
    for (const wait of [50, 600]) setTimeout(() => entry.group.scrollIntoView({ block: "center" }), wait)
  }

  function createEntry(term) {
    const group = element("div")
    group.id = `term-${term.key}`
    const name = element("dt", "", group, term.name)
    if (term.twin) element("span", "", name, term.twin).lang = state.data.twin_language
    const self = createLink(name, {
      href: term.self,
      textContent: "#",
      ariaLabel: `${state.data.words.link}: ${term.name}`,
    })
    onPlainClick(self, () => glossary.tell("named", term.key))
    const meaning = element("dd", "", group, `${term.meaning} `)
    if (term.href) {
      const page = createLink(meaning, { href: term.href, textContent: `→ ${term.label}` })
      onPlainClick(page, () => glossary.tell("opened", term.page))
    }
    if (term.url) createLink(meaning, { href: term.url, textContent: term.host, target: "_blank", rel: "noopener" })
    return { term, group, text: [term.name, term.twin, term.meaning].join(" ").toLowerCase() }
  }

  const createLink = (parent, properties) => Object.assign(element("a", "", parent), properties)
  return glossary
}
