// What the visitor chose last is kept until the server's data follow from it: data that answer an earlier choice would
// undo it. Each event is sent with a number, and the data come with the number of the last event that the server took.
// An event that comes after the browser's Back is sent no more: Streamlit would ask for the page that was left.
const LOST_AFTER = 4000 // milliseconds until earlier data are shown after all: an event may be lost
const lastEvents = new WeakMap() // of each place on the page: its last number, what waits and for how long

// Return the component for Streamlit: `given.data` is [data, number]; `component` gets the data alone.
export const showNewest = (component) => (given) => {
  const { parentElement } = given
  if (!lastEvents.has(parentElement))
    lastEvents.set(parentElement, { page: location.pathname, number: 0, show: null, timer: null, cleanUp: null })
  const state = lastEvents.get(parentElement)
  const [data, answered] = given.data

  const isLeft = () => location.pathname !== state.page
  const setStateValue = (name, value) => isLeft() || given.setStateValue(name, value)
  const setTriggerValue = (event, value) => {
    if (isLeft()) return
    state.number = Math.max(state.number + 1, Date.now()) // also larger than any that was sent before a reload
    given.setTriggerValue(event, { number: state.number, value })
  }
  state.show = () => {
    clearTimeout(state.timer)
    state.timer = null
    state.cleanUp = component({ ...given, data, setStateValue, setTriggerValue })
  }
  if (answered >= state.number) state.show()
  else state.timer ??= setTimeout(() => state.show(), LOST_AFTER)
  return () => {
    clearTimeout(state.timer)
    state.timer = null
    return state.cleanUp?.()
  }
}
