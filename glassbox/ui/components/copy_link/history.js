// The page's link and the browser's Back: another digit is no step of its own.
const DIGIT = ["d", "digits"]

// Return whether two searches of an address differ in the digit alone; what was not there yet counts as such.
export function differInDigit(from, to) {
  const [before, after] = [from, to].map((search) => new URLSearchParams(search))
  for (const name of [...before.keys(), ...after.keys()])
    if (!DIGIT.includes(name) && before.get(name) !== after.get(name)) return false
  return true
}

// Streamlit pushes each change of a link as a step of the browser's history, so that Back would go through every stroke
// drawn. From now on a change of the digit replaces the step, and Back leads to the page before.
export function keepDigitOutOfHistory(history, location) {
  const push = history.pushState
  if (push.keepsDigitOut) return
  history.pushState = (state, title, address) => {
    const there = new URL(address ?? "", location.href)
    const samePage = there.pathname === location.pathname
    if (samePage && differInDigit(location.search, there.search)) history.replaceState(state, title, address)
    else push.call(history, state, title, address)
  }
  history.pushState.keepsDigitOut = true
}
