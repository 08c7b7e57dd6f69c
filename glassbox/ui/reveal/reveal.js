let shown = null

export default function ({ data }) {
  if (data.container === shown) return
  shown = data.container
  if (!shown) return
  // What is above may still be growing; so it is shown once more when it has grown.
  const show = () => document.querySelector(`.st-key-${CSS.escape(shown)}`)?.scrollIntoView({ block: "start" })
  for (const wait of [50, 600]) setTimeout(show, wait)
}
