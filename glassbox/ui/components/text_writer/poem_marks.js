// The marks of a poem's characters: tones, which of them break the rule, and what rhymes.
const GLYPHS = { level: "○", oblique: "●", either: "◐" }

// Return what is marked at a place of which `shown` characters are on the sheet; a pair breaks the rule once both are.
export function markAt(poem, place, shown) {
  const tone = poem.tones[place] ?? ""
  return {
    tone,
    glyph: GLYPHS[tone] ?? "",
    ruled: poem.ruled.includes(place),
    rhymed: poem.rhymed.includes(place),
    broken: poem.broken.some((pair) => pair.includes(place) && Math.max(...pair) < shown),
  }
}

// Return a mark in words, for those who do not see it.
export function markSaid(mark, words) {
  const said = [mark.tone && words[mark.tone], mark.broken && words.broken, mark.rhymed && words.rhymed]
  return said.filter(Boolean).join(", ")
}

// Draw the mark of `sign`, an element that stands for one character.
export function drawMark(sign, mark) {
  if (mark.glyph) sign.dataset.tone = mark.glyph
  sign.classList.toggle("gb-ruled", mark.ruled)
  sign.classList.toggle("gb-rhymed", mark.rhymed)
  sign.classList.toggle("gb-broken", mark.broken)
}
