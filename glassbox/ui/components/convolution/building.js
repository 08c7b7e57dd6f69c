// A map is built window by window: only those that have ink, for all others give the same number.

// The places of the output, counted row by row, whose window has a number other than 0 in it, in any channel.
export function inkedPlaces({ data, input }) {
  const [channels, height, width] = data.input.shape
  const [, , tall, wide] = data.kernels.shape
  const [, rows, columns] = data.output.shape
  const inked = (row, column) => {
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < tall; i++)
        for (let j = 0; j < wide; j++) {
          const y = row * data.strides[0] - data.padding[0] + i * data.dilations[0]
          const x = column * data.strides[1] - data.padding[1] + j * data.dilations[1]
          if (y >= 0 && x >= 0 && y < height && x < width && input[(c * height + y) * width + x]) return true
        }
    return false
  }
  return Array.from({ length: rows * columns }, (_, place) => place).filter((place) =>
    inked(Math.floor(place / columns), place % columns),
  )
}

// A building of the map: `next()` gives the next place, null once all have been; `hides(place)`: not built yet.
export function startBuilding(places) {
  const waiting = new Set(places)
  let at = 0
  return {
    hides: (place) => waiting.has(place),
    next() {
      if (at >= places.length) return null
      waiting.delete(places[at])
      return places[at++]
    },
  }
}
