// All terms are here from the start: searching asks nobody.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gb-glossary")
  const [field, status, list] = [root.querySelector("input"), root.querySelector("p"), root.querySelector("dl")]
  root.go = setTriggerValue
  field.placeholder = data.words.search
  field.setAttribute("aria-label", data.words.search)

  const drawn = JSON.stringify([data.terms, data.words])
  if (root.drawn !== drawn) {
    root.drawn = drawn
    const order = new Intl.Collator(data.language, { sensitivity: "base" })
    const sorted = [...data.terms].sort((a, b) => order.compare(a.name, b.name))
    list.replaceChildren(...sorted.map((term) => entry(root, term, data.words)))
  }

  const search = () => {
    const wanted = field.value.trim().toLowerCase()
    let found = 0
    for (const one of list.children) found += !(one.hidden = !one.text.includes(wanted))
    status.textContent = (found ? data.words.count : data.words.none).replace("{count}", found)
  }
  field.oninput = search
  search()

  if (data.asked && root.asked !== data.asked) show(list.querySelector(`#term-${CSS.escape(data.asked)}`))
  root.asked = data.asked
  for (const one of list.children) one.classList.toggle("gb-asked", one.id === `term-${data.asked}`)

  // What is above this list may still be growing; so the term is shown once more when it has grown.
  function show(one) {
    if (!one) return
    field.value = ""
    search()
    for (const wait of [50, 600]) setTimeout(() => one.scrollIntoView({ block: "center" }), wait)
  }
}

function entry(root, term, words) {
  const one = make("section", { id: `term-${term.key}` })
  one.text = [term.name, term.twin, term.meaning].join(" ").toLowerCase()
  const name = make("dt", { textContent: term.name })
  if (term.twin) name.append(make("span", { textContent: term.twin }))
  const self = link(term.self, "#", () => root.go("named", term.key))
  self.setAttribute("aria-label", `${words.link}: ${term.name}`)
  name.append(self)
  const meaning = make("dd", { textContent: term.meaning + " " })
  if (term.href) meaning.append(link(term.href, `→ ${term.label}`, () => root.go("opened", term.page)))
  if (term.url) meaning.append(make("a", { href: term.url, textContent: term.host, target: "_blank", rel: "noopener" }))
  one.append(name, meaning)
  return one
}

// A plain click stays in this visit; any other opens the address as links do.
function link(href, textContent, go) {
  const made = make("a", { href, textContent })
  made.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    go()
  }
  return made
}

const make = (tag, properties) => Object.assign(document.createElement(tag), properties)
