// The softmax of scores that are divided by a temperature, as glassbox/calibration.py computes it.
export function sharesAt(scores, temperature) {
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp((score - most) / temperature))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

// The temperature of a place on the slider: null, the network's own, for the place next to that.
export const chosenAt = (place, own, step) => (Math.abs(place - own) <= step / 2 ? null : place)
