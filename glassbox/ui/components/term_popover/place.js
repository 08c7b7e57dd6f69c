const GAP = 6 // pixels between the word and the box, and between the box and the window's edge

// Return where the box goes, {left, top} in pixels: below the word, above it where there is no room below, within the window.
export function placeBeside(word, box, view) {
  const left = Math.max(GAP, Math.min(word.left, view.width - box.width - GAP))
  const below = word.bottom + GAP
  const above = word.top - GAP - box.height
  return { left, top: below + box.height <= view.height || above < GAP ? below : above }
}
