export default function ({ data, parentElement, setTriggerValue }) {
  const group = parentElement.querySelector(".samples")
  group.pick = (index) => setTriggerValue("picked", index)
  const drawn = JSON.stringify(data.samples.map((sample) => sample.label))
  if (group.dataset.drawn === drawn) return // drawing them again would take the focus from the one just picked
  group.dataset.drawn = drawn
  group.setAttribute("aria-label", data.label)
  group.replaceChildren(
    ...data.samples.map(({ strokes, label }, index) => {
      const button = document.createElement("button")
      Object.assign(button, { type: "button", title: label, ariaLabel: label, onclick: () => group.pick(index) })
      const lines = strokes.map((line) => `<polyline points="${(line.length > 1 ? line : [line[0], line[0]]).map((p) => p.map(Number).join(",")).join(" ")}"/>`)
      button.innerHTML = `<svg viewBox="0 0 1 1" aria-hidden="true">${lines.join("")}</svg>`
      return button
    }),
  )
}
