// What is drawn so far, sent while the pen is down: one message at a time, never more often than every GAP ms.
export const GAP = 400
const PATIENCE = 2000 // ms to wait for an answer that may never come

// Return { changed, answered, stop }. `changed()`: there is more to send; `answered()`: the last message has been read;
// `stop()`: the pen is up, so nothing more is sent until `changed` is called again. A server that is slow to answer is
// asked less often.
export function liveSender(send) {
  let waitingUntil = 0
  let earliest = 0
  let timer = null

  function attempt() {
    timer = null
    earliest = performance.now() + GAP
    waitingUntil = performance.now() + PATIENCE
    send()
  }

  function plan() {
    timer = setTimeout(attempt, Math.max(0, Math.max(earliest, waitingUntil) - performance.now()))
  }

  function changed() {
    earliest ||= performance.now() + GAP
    if (timer === null) plan()
  }

  function answered() {
    waitingUntil = 0
    if (timer === null) return
    clearTimeout(timer)
    plan()
  }

  function stop() {
    clearTimeout(timer)
    timer = null
    earliest = waitingUntil = 0
  }

  return { changed, answered, stop }
}
