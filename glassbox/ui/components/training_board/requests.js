// What the board asks of the server: one request at a time; the next one follows the answer, so that a slow server is
// never swamped.
const PAUSE = 120 // milliseconds between two requests at least, so that several visitors share the server's cores
const PATIENCE = 4000 // milliseconds until an unanswered request is given up

// `ready`: whether training goes on; `next`: the request that carries it on. `send` is to be set.
export function createRequests({ ready, next }) {
  const requests = { send: null, ask, train, answered }
  const state = { number: 0, waiting: false, since: -Infinity, timer: null }

  function ask(request) {
    Object.assign(state, { number: state.number + 1, waiting: true, since: performance.now() })
    requests.send({ ...request, number: state.number })
    clearTimeout(state.timer)
    state.timer = setTimeout(giveUp, PATIENCE)
  }

  function giveUp() {
    state.waiting = false
    train()
  }

  function train() {
    if (ready() && !state.waiting) ask(next())
  }

  // Take note of the answer to a request; `other`: what is trained has changed, so that no answer is waited for.
  function answered(number, other) {
    if (state.waiting && number !== state.number && !other) return
    state.waiting = false
    clearTimeout(state.timer)
    const rest = PAUSE - (performance.now() - state.since)
    if (rest > 0) state.timer = setTimeout(train, rest)
    else train()
  }
  return requests
}
