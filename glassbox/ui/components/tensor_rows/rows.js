// Which rows are searched for, and how high the bars of a histogram are.

// Return the places of the rows whose name, or what is said about them, has every word of `text`.
export function matching(rows, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.flatMap((row, place) => {
    const said = `${row.name} ${row.about} ${row.note}`.toLowerCase()
    return words.every((word) => said.includes(word)) ? [place] : []
  })
}

// Return counts as heights from 0 to 1; one that is not 0 can be seen.
export function scaled(counts) {
  const most = Math.max(...counts, 1)
  return counts.map((count) => (count ? Math.max(count / most, 0.03) : 0))
}
