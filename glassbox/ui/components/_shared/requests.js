// What a board asks of the server: one request at a time; the next one follows the answer, so that a slow server is
// never swamped and none of the visitor's is lost.
const PAUSE = 120 // milliseconds between two requests at least, so that several visitors share the server's cores
const PATIENCE = 4000 // milliseconds until an unanswered request is given up
const MOST_QUEUED = 20 // requests of the visitor that wait; more are dropped
const MOST_PLACES = 200 // of one request

// `ready`: whether training goes on; `next`: the request that carries it on; `unanswered`: called when the server is given
// up. `send` is to be set.
export function createRequests({ ready, next, unanswered = () => {} }) {
  const requests = { send: null, ask, train, answered, settled: () => !state.waiting && !state.queue.length }
  // `urgent`: the request that is waited for is the visitor's own; `queue`: the visitor's that follow it.
  const state = { number: 0, waiting: false, urgent: false, queue: [], since: -Infinity, timer: null }

  // Send what the visitor asks for, after what the visitor asked for before. Of two shapes that wait the later one counts;
  // two parts of a stroke that wait become one.
  function ask(request) {
    if (!state.waiting || !state.urgent) return send(request, true)
    if (continues(state.queue.at(-1), request)) return state.queue.at(-1).places.push(...request.places)
    if (request.kind === "shape" && state.queue.at(-1)?.kind === "shape") state.queue.pop()
    if (state.queue.length < MOST_QUEUED) state.queue.push(request)
  }

  function send(request, urgent) {
    Object.assign(state, { number: state.number + 1, waiting: true, urgent, since: performance.now() })
    requests.send({ ...request, number: state.number })
    clearTimeout(state.timer)
    state.timer = setTimeout(giveUp, PATIENCE)
  }

  function giveUp() {
    state.waiting = false
    carryOn()
    if (requests.settled()) unanswered()
  }

  function carryOn() {
    if (state.queue.length) send(state.queue.shift(), true)
    else train()
  }

  function train() {
    if (ready() && requests.settled()) send(next(), false)
  }

  // Take note of the answer to a request; `other`: what is trained has changed, so that no answer is waited for.
  function answered(number, other) {
    if (state.waiting && number !== state.number) {
      if (!other) return
      state.queue = []
    }
    state.waiting = false
    clearTimeout(state.timer)
    const rest = PAUSE - (performance.now() - state.since)
    if (state.queue.length || rest <= 0) carryOn()
    else state.timer = setTimeout(train, rest)
  }
  return requests
}

// Whether a request carries on the stroke of the one before it.
const continues = (before, { kind, value, places }) =>
  Boolean(places) &&
  before?.kind === kind &&
  before.value === value &&
  before.places.length + places.length <= MOST_PLACES
