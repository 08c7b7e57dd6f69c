// Where the time of a request went: what the browser measured, and what the server says in its Server-Timing header.
export const PHASES = ["load", "parse", "queue", "run", "serialise"]

// Return what a Server-Timing header says by name, durations in milliseconds: 'parse;dur=0.1, run;desc="x";dur=2' gives
// { parse: { duration: 0.1, said: "" }, run: { duration: 2, said: "x" } }.
export function serverTiming(header) {
  const found = {}
  for (const metric of (header ?? "").split(",")) {
    const [name, ...parameters] = metric.split(";").map((part) => part.trim())
    const given = Object.fromEntries(parameters.map((parameter) => parameter.split("=")))
    const duration = Number(given.dur ?? Number.NaN)
    if (name && duration >= 0) found[name] = { duration, said: (given.desc ?? "").replaceAll('"', "") }
  }
  return found
}

// Return the steps of a request and, within the step "server", the server's phases: { steps, phases }, each a list of
// { name, start, length } in milliseconds from the start of the request, or of the phases.
// `measured`: when the request was sent, its answer began and ended (`sent`, `began`, `ended`), and how long connecting
// took (`connect`), by the browser's clock. The server's time stands in the middle of the wait: how much of the way was
// there and how much back, neither side can see. Of a server that names more than was waited, it is cut to the wait.
export function waterfall(measured, timing) {
  const connect = Math.min(Math.max(measured.connect, 0), measured.began - measured.sent)
  const wait = measured.began - measured.sent - connect
  const phases = inTurn(PHASES.map((name) => [name, timing[name]?.duration ?? 0]))
  const server = Math.min(end(phases), wait)
  const way = (wait - server) / 2
  const receive = Math.max(measured.ended - measured.began, 0)
  const steps = { connect, there: way, server, back: way, receive }
  return { steps: inTurn(Object.entries(steps)), phases }
}

// When the last of several rows ends.
export const end = (rows) => rows.at(-1).start + rows.at(-1).length

function inTurn(lengths) {
  let at = 0
  return lengths.map(([name, length]) => {
    const row = { name, start: at, length }
    at += length
    return row
  })
}

// Return the value below which `share` of the numbers lie: the nearest rank.
export function quantile(numbers, share) {
  const ordered = [...numbers].sort((one, other) => one - other)
  return ordered[Math.max(Math.ceil(share * ordered.length) - 1, 0)]
}
