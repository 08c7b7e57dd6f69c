// Colours as [red, green, blue] from 0 to 255: those of the theme, and mixtures of them.
let canvasContext = null

// The colours of the theme and of the palette, read from the variables of the element's style. Streamlit calls a
// component again when the theme changes, so read them at every call. Raises an Error where a variable is missing.
export function themeColours(root) {
  const style = getComputedStyle(root)
  const read = (name) => rgb(style.getPropertyValue(name).trim(), name)
  return {
    paper: read("--st-background-color"),
    ink: read("--st-text-color"),
    negative: read("--gb-negative"),
    positive: read("--gb-positive"),
  }
}

// Return the CSS colour `colour` as [red, green, blue]. Raises an Error for what is no colour: a canvas would keep the
// colour before it.
export function rgb(colour, name = "colour") {
  if (!CSS.supports("color", colour)) throw new Error(`${name} is "${colour}"`)
  canvasContext ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  canvasContext.fillStyle = colour
  canvasContext.fillRect(0, 0, 1, 1)
  return [...canvasContext.getImageData(0, 0, 1, 1).data.subarray(0, 3)]
}

// `share` of the way from one colour to another; beyond both ends it is the end.
export function mix(from, to, share) {
  const part = Math.min(Math.max(share, 0), 1)
  return from.map((value, i) => Math.round(value + part * (to[i] - value)))
}

// The colour of a number from -1 to 1 on the diverging palette: 0 is paper.
export const diverging = ({ paper, negative, positive }, share) =>
  mix(paper, share < 0 ? negative : positive, Math.abs(share))

export const css = (colour) => `rgb(${colour.join(" ")})`

// Whether the paper is darker than the ink.
export const isDark = ({ paper, ink }) => paper[0] + paper[1] + paper[2] < ink[0] + ink[1] + ink[2]
