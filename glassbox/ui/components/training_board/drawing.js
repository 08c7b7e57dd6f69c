// What the playground's drawing needs and knows nothing of its state: numbers as words, colours, points and axes.
const decoded = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)
const number = (value) => {
  if (value === null || value === undefined) return "–"
  const size = Math.abs(value)
  if (!size || (size >= 0.001 && size < 10000)) return value.toPrecision(3).replace("-", "−")
  const [mantissa, power] = value.toExponential(2).split("e")
  return `${mantissa} × 10${String(Number(power)).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]))}`.replace("-", "−")
}
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
const small = (value) => [...String(value)].map((c) => "₀₁₂₃₄₅₆₇₈₉"[c] ?? c).join("")
const rgb = (colour) => {
  const ink = rgb.ink ?? (rgb.ink = document.createElement("canvas").getContext("2d", { willReadFrequently: true }))
  ink.fillStyle = colour
  ink.fillRect(0, 0, 1, 1)
  return ink.getImageData(0, 0, 1, 1).data
}

// A class has its own shape beside its colour.
function marker(ink, kind, x, y, r, colour, paper) {
  ink.beginPath()
  if (kind === 0) ink.arc(x, y, r, 0, 7)
  else if (kind === 1) ink.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8)
  else {
    const corners = [3, 4, 5][kind - 2] ?? 6
    for (let i = 0; i < corners; i++) ink.lineTo(x + 1.25 * r * Math.sin((2 * Math.PI * i) / corners), y - 1.25 * r * Math.cos((2 * Math.PI * i) / corners))
    ink.closePath()
  }
  Object.assign(ink, { fillStyle: colour, strokeStyle: paper, lineWidth: 1 })
  ink.fill()
  ink.stroke()
}

// The plane's ends and middle, in the numbers that the data were given in.
function drawAxes(ink, side, { axes, plane }, palette) {
  const given = (value, axis) => number(axes.centre[axis] + value * axes.spread[axis]).replace(/\.0+$/, "")
  Object.assign(ink, { font: "11px sans-serif", fillStyle: palette.ink, strokeStyle: palette.css.paper, lineWidth: 3 })
  const write = (text, x, y, align) => ((ink.textAlign = align), ink.strokeText(text, x, y), ink.fillText(text, x, y))
  for (const [value, share] of [[-plane, 0], [0, 0.5], [plane, 1]]) {
    write(given(value, 0), 4 + share * (side - 8), side - 4, share ? (share < 1 ? "center" : "right") : "left")
    if (share) write(given(value, 1), 4, share < 1 ? side / 2 + 4 : 12, "left")
  }
  write(axes.names[0].slice(0, 12), side * 0.75, side - 4, "center")
  write(axes.names[1].slice(0, 12), 4, side * 0.25, "left")
}
