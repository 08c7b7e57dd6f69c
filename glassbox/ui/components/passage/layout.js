// Which bars and which words over the text are shown.

// The `most` labels with the largest shares, in the order of the labels.
export function largestLabels(shares, most) {
  const order = shares.map((_, k) => k).sort((a, b) => shares[b] - shares[a])
  return order.slice(0, most).sort((a, b) => a - b)
}

// Words over a text, in its order: each is moved left as far as it would run over the right `edge`, and hidden where it
// would run into the one before it on the same line. `boxes`: their left, right and top; returns [{shift, hidden}].
export function placeMarks(boxes, edge) {
  let before = null
  return boxes.map(({ left, right, top }) => {
    const shift = Math.max(0, right - edge)
    const hidden = before !== null && Math.abs(before.top - top) < 4 && left - shift < before.right + 2
    if (!hidden) before = { top, right: right - shift }
    return { shift, hidden }
  })
}
