// Where the time of a request went: what the browser measured, and what the server says in its Server-Timing header.
export const PHASES = ["parse", "queue", "batch", "run", "serialise"]

// Return the durations in milliseconds by name that a Server-Timing header gives: 'parse;dur=0.1, run;desc="x";dur=2'.
export function serverTiming(header) {
  const found = {}
  for (const metric of (header ?? "").split(",")) {
    const [name, ...parameters] = metric.split(";").map((part) => part.trim())
    const duration = parameters.find((parameter) => parameter.startsWith("dur="))
    const value = Number(duration?.slice(4))
    if (name && duration && Number.isFinite(value) && value >= 0) found[name] = value
  }
  return found
}

// Return the rows [{ name, start, length }] of a waterfall in milliseconds from the start of the request.
// `measured`: when the request was sent, its answer began and ended (`sent`, `began`, `ended`), and how long connecting
// took (`connect`), by the browser's clock. The server's phases stand in the middle of the wait: how much of the way was
// there and how much back, neither side can see. Of a server that names more than was waited, the phases are cut to it.
export function waterfall(measured, phases) {
  const connect = Math.min(Math.max(measured.connect, 0), measured.began - measured.sent)
  const wait = measured.began - measured.sent - connect
  const named = PHASES.map((name) => [name, phases[name] ?? 0])
  const total = named.reduce((sum, [, length]) => sum + length, 0)
  const scale = total > wait ? wait / total : 1
  const way = wait - total * scale
  const rows = [{ name: "connect", start: 0, length: connect }]
  let at = connect
  const add = (name, length) => {
    rows.push({ name, start: at, length })
    at += length
  }
  add("there", way / 2)
  for (const [name, length] of named) add(name, length * scale)
  add("back", way / 2)
  add("receive", Math.max(measured.ended - measured.began, 0))
  return rows
}

// Return the value below which `share` of the numbers lie: the nearest rank.
export function quantile(numbers, share) {
  const ordered = [...numbers].sort((one, other) => one - other)
  return ordered[Math.max(Math.ceil(share * ordered.length) - 1, 0)]
}
