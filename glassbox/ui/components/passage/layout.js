// Which bars are shown.

// The `most` labels with the largest shares, in the order of the labels.
export function largestLabels(shares, most) {
  const order = shares.map((_, k) => k).sort((a, b) => shares[b] - shares[a])
  return order.slice(0, most).sort((a, b) => a - b)
}
