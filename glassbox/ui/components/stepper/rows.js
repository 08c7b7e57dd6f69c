// The rows of one picture slide to their places in the next, which lays the same numbers out as a list.
import { element } from "../_shared/dom.js"

const SLIDE = 600 // milliseconds that a row takes
const ALL = 700 // milliseconds from the first row's start to the last one's

export function slideRows(root, list, pictures, at) {
  const { rows, row_width: wide, width, height } = pictures[at]
  if (!rows?.length) return
  const before = pictures[at - 1]
  const origin = root.getBoundingClientRect()
  const [from, to] = [at - 1, at].map((one) => list.children[one].querySelector("image").getBoundingClientRect())
  const cells = [from.width / before.width, from.height / before.height]
  const there = [to.width / width, to.height / height]
  const flight = element("div", "flight", root)
  rows.forEach(([x0, y0, x1, y1], i) => {
    const row = element("i", "", flight)
    Object.assign(row.style, {
      left: `${from.left - origin.left + x0 * cells[0]}px`,
      top: `${from.top - origin.top + y0 * cells[1]}px`,
      width: `${wide * cells[0]}px`,
      height: `${cells[1]}px`,
      backgroundImage: `url("${before.source}")`,
      backgroundSize: `${from.width}px ${from.height}px`,
      backgroundPosition: `${-x0 * cells[0]}px ${-y0 * cells[1]}px`,
    })
    const across = to.left + x1 * there[0] - from.left - x0 * cells[0]
    const down = to.top + y1 * there[1] - from.top - y0 * cells[1]
    const size = `scale(${there[0] / cells[0]}, ${there[1] / cells[1]})`
    row.animate([{ transform: "none" }, { transform: `translate(${across}px, ${down}px) ${size}` }], {
      duration: SLIDE,
      delay: (ALL * i) / rows.length,
      easing: "ease-in-out",
      fill: "both",
    })
  })
  setTimeout(() => flight.remove(), SLIDE + ALL)
}
