// A thread from the cell marked in one step to the one that it becomes a part of in the next, as thick as that part.
import { setAttributes, svgElement } from "../_shared/dom.js"

const THINNEST = 1.5
const THICKEST = 9

// The width of a thread in pixels, by the share of the sum that came along it.
export const thickness = (share) => THINNEST + (THICKEST - THINNEST) * Math.min(Math.max(share, 0), 1)

// The way of a thread between two points [x, y]: it leaves and arrives level.
export function way([x0, y0], [x1, y1]) {
  const middle = (x0 + x1) / 2
  return `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`
}

export function drawThreads(svg, list, { data, step }) {
  svg.replaceChildren()
  if (!data.pictures.some((picture) => picture.share)) return
  const origin = svg.parentElement.getBoundingClientRect()
  setAttributes(svg, { width: origin.width, height: list.offsetTop + list.offsetHeight })
  const middle = (rect) => {
    const box = rect.getBoundingClientRect()
    return [(box.left + box.right) / 2 - origin.left, (box.top + box.bottom) / 2 - origin.top]
  }
  data.pictures.forEach((picture, at) => {
    if (!picture.share || at > step) return
    const [from, to] = [list.children[at - 1], list.children[at]].map((item) => item.querySelectorAll("rect"))
    if (!from.length || !to.length || list.children[at - 1].offsetTop !== list.children[at].offsetTop) return
    const path = svgElement("path", { d: way(middle(from[0]), middle(to[to.length - 1])) }, svg)
    path.style.strokeWidth = `${thickness(picture.share)}px`
    path.classList.toggle("now", at === step)
    svgElement("title", {}, path, picture.share_words)
  })
}
