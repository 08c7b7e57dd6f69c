// The digits found on a picture as radio buttons, in reading order.
import { element, remembered } from "../_shared/dom.js"

export default function ({ data, parentElement, setTriggerValue }) {
  const group = remembered(parentElement.querySelector(".gb-found"), createGroup)
  group.choose = (index) => setTriggerValue("chosen", index)
  group.show(data)
}

function createGroup(root) {
  const [legend, row] = ["legend", ".gb-found-row"].map((selector) => root.querySelector(selector))
  const group = { show, choose: null }
  let drawn = ""

  function show(data) {
    legend.textContent = data.legend
    const now = JSON.stringify(data.digits)
    if (drawn !== now) row.replaceChildren(...data.digits.map(createDigit)) // else the one just chosen keeps the focus
    drawn = now
    row.querySelectorAll("input").forEach((input, i) => {
      input.checked = i === data.chosen
    })
  }

  function createDigit({ label, name }, index) {
    const digit = element("label", "", null, label)
    const input = element("input", "", digit)
    Object.assign(input, { type: "radio", name: "gb-found", ariaLabel: name, onchange: () => group.choose(index) })
    return digit
  }
  return group
}
