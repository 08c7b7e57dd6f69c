// Samples as buttons, drawn from their strokes.
import { element, remembered, svgElement } from "../_shared/dom.js"

export default function ({ data, parentElement, setTriggerValue }) {
  const group = remembered(parentElement.querySelector(".samples"), createGroup)
  group.pick = (index) => setTriggerValue("picked", index)
  group.show(data)
}

function createGroup(root) {
  const group = { show, pick: null }
  let drawn = ""

  function show({ samples, label }) {
    const now = JSON.stringify(samples.map((sample) => sample.label))
    if (drawn === now) return // drawing them again would take the focus from the one just picked
    drawn = now
    root.setAttribute("aria-label", label)
    root.replaceChildren(...samples.map(createSample))
  }

  function createSample({ strokes, label }, index) {
    const button = element("button")
    Object.assign(button, { type: "button", title: label, ariaLabel: label, onclick: () => group.pick(index) })
    const picture = svgElement("svg", { viewBox: "0 0 1 1", "aria-hidden": "true" }, button)
    for (const line of strokes)
      svgElement("polyline", { points: (line.length > 1 ? line : [line[0], line[0]]).join(" ") }, picture)
    return button
  }
  return group
}
