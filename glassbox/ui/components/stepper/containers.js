// What the page says of each step lies in containers of their own: one of them is shown, and the link says which.
const PLACE = (key) => `[data-testid="stLayoutWrapper"]:has(> .st-key-${CSS.escape(key)})`

export function beginSteps(document) {
  const rules = document.createElement("style")

  function show(containers, step, count) {
    const others = Array.from({ length: count }, (_, at) => at).filter((at) => at !== step)
    const hidden = others.map((at) => PLACE(`${containers}_${at}`)).join(", ")
    rules.textContent = `${hidden} { display: none !important; } ${PLACE(`${containers}_${step}`)} { display: flex !important; }`
    if (!rules.isConnected) document.head.append(rules)
  }

  // A step is no step of the browser's history: Back leads to the page before.
  function write(parameter, value) {
    const address = new URL(location.href)
    address.searchParams.set(parameter, value)
    history.replaceState(history.state, "", address)
  }

  return { show, write, end: () => rules.remove() }
}
