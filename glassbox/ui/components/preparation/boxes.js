// The digits found on a picture as boxes over it, to be chosen with the pointer.
import { element } from "../_shared/dom.js"

const MANY = 12 // boxes that are drawn with thin lines

export function createBoxes() {
  const boxes = { show, choose: null }
  const sheet = element("div", "gb-boxes")
  sheet.setAttribute("aria-hidden", "true") // the row above the cards says the same, and takes the keyboard

  // Lay the boxes over the picture of a figure, which is as large as its frame in one direction and centred in the other.
  function show({ frame, picture }, { boxes: places, chosen }) {
    if (sheet.parentElement !== frame) frame.append(sheet)
    picture.onload = () => fit(picture)
    if (picture.complete && picture.naturalWidth) fit(picture)
    while (sheet.children.length > places.length) sheet.lastChild.remove()
    while (sheet.children.length < places.length) createBox(sheet.children.length)
    sheet.classList.toggle("gb-many", places.length > MANY)
    places.forEach(([left, top, right, bottom], i) => {
      const box = sheet.children[i]
      const [x, y, width, height] = [left, top, right - left, bottom - top].map((share) => `${100 * share}%`)
      Object.assign(box.style, { left: x, top: y, width, height })
      box.classList.toggle("gb-chosen", i === chosen)
    })
  }

  function fit({ naturalWidth: width, naturalHeight: height }) {
    const size = width > height ? { width: "100%", height: "auto" } : { width: "auto", height: "100%" }
    Object.assign(sheet.style, { ...size, aspectRatio: `${width} / ${height}` })
  }

  function createBox(index) {
    const box = element("button", "", sheet)
    Object.assign(box, { type: "button", tabIndex: -1, onclick: () => boxes.choose(index) })
  }
  return boxes
}
