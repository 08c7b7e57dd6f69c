// What is said while the server does not answer. Streamlit says it in English alone, and not what becomes of the page.
const ITS_TITLE = "Connection error"

// From now on, put `said`, { title, text }, into the dialog with which Streamlit tells that its server is gone.
export function tellOfConnection(document, said) {
  const first = !document.saidOfConnection
  document.saidOfConnection = said
  if (!first) return
  const opened = (changes) => {
    for (const change of changes) for (const node of change.addedNodes) retell(node, document.saidOfConnection)
  }
  new MutationObserver(opened).observe(document.body, { childList: true })
}

// Put `said` into what was added to the page, if it is that dialog.
export function retell(node, said) {
  const title = node.querySelector?.("[role=dialog] h2")
  if (title?.textContent !== ITS_TITLE) return
  const body = title.nextElementSibling
  title.textContent = said.title
  if (body) (body.firstElementChild ?? body).textContent = said.text
}
