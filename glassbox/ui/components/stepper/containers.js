// What the page says of each step lies in containers of their own: one of them is shown, and the link says which.
const PLACE = (key) =>
  `:is([data-testid="stLayoutWrapper"]:has(> .st-key-${CSS.escape(key)}), .st-key-${CSS.escape(key)})`

export function beginSteps(document) {
  const rules = document.createElement("style")

  function show(containers, step, count) {
    const others = Array.from({ length: count }, (_, at) => at).filter((at) => at !== step)
    rules.textContent = `${others.map((at) => PLACE(`${containers}_${at}`)).join(", ")} { display: none !important; }`
    document.documentElement.dataset.steps = containers // what Python hid until now is for the browser to hide
    if (!rules.isConnected) document.head.append(rules)
  }

  function end() {
    rules.remove()
    delete document.documentElement.dataset.steps
  }

  return { show, end }
}

// Write a step into the link. It is no step of the browser's history: Back leads to the page before.
export function writeStep(parameter, value) {
  const address = new URL(location.href)
  address.searchParams.set(parameter, value)
  try {
    history.replaceState(history.state, "", address)
  } catch {
    // A page that was taken away as a file may keep its address.
  }
}
