// What is said while the server does not answer, and what is done once it does again. Streamlit says it in English alone,
// and not what becomes of the page; a server that has started anew would pass over the visitor's first choice.
const ITS_TITLE = "Connection error"
const STATE = "data-test-connection-state"
const REMINDER = "gb-gone"

// From now on, put `title` and `text` into the dialog with which Streamlit tells that its server is gone, keep `title` in
// sight for who closes that dialog, and call `again` when the server is back.
export function tellOfConnection(document, { title, text, again }) {
  const first = !document.saidOfConnection
  document.saidOfConnection = { title, text, again }
  if (!first) return
  const said = () => document.saidOfConnection
  const opened = (changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (retell(node, said())) remind(document, said())
  }
  new MutationObserver(opened).observe(document.body, { childList: true })
  const app = document.querySelector(`[${STATE}]`)
  if (!app) return
  const changed = whenBack(() => {
    for (const one of document.querySelectorAll(`.${REMINDER}`)) one.remove()
    said().again()
  })
  new MutationObserver(() => changed(app.getAttribute(STATE))).observe(app, { attributeFilter: [STATE] })
}

// Keep in sight that the server is gone, behind the dialog and once it is closed.
function remind(document, { title }) {
  if (document.querySelector(`.${REMINDER}`)) return
  const reminder = document.createElement("p")
  reminder.className = REMINDER
  reminder.setAttribute("role", "status")
  reminder.textContent = title
  const coloured = document.querySelector(`[${STATE}]`) ?? document.body // the app has the theme's colours
  coloured.append(reminder)
}

// Put what is `said` into what was added to the page, if it is that dialog. Return whether it is.
export function retell(node, said) {
  const title = node.querySelector?.("[role=dialog] h2")
  if (title?.textContent !== ITS_TITLE) return false
  const body = title.nextElementSibling
  title.textContent = said.title
  if (body) (body.firstElementChild ?? body).textContent = said.text
  const command = body?.querySelector?.("[data-testid=stErrorCodeBlock]") // how its author starts a script of his own
  if (command) command.style.display = "none"
  return true
}

// Return what is told each state of the connection, and calls `again` when a lost one is back.
export function whenBack(again) {
  let lost = false
  return (state) => {
    const connected = state === "CONNECTED"
    if (connected && lost) again()
    lost = !connected
  }
}
