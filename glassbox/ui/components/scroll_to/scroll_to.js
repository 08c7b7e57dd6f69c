// Scrolls to the container with a Streamlit key, once for each that is asked for.
let shown = null

export default function ({ data }) {
  if (data.container === shown) return
  shown = data.container
  if (!shown) return
  // What is above may still be growing; so it is shown once more when it has grown.
  for (const wait of [50, 600]) setTimeout(() => scrollTo(shown), wait)
}

function scrollTo(container) {
  const part = document.querySelector(`.st-key-${CSS.escape(container)}`)
  if (!part) return
  part.style.scrollMarginTop = "4.5rem" // below Streamlit's own bar
  part.scrollIntoView({ block: "start" })
}
