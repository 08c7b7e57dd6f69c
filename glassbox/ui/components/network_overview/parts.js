// The part of a layer's picture at the shares [across, down] of its width and height.
export function partAt([right, down], { parts, across }) {
  const rows = Math.ceil(parts / across)
  const column = Math.min(Math.floor(right * across), across - 1)
  const row = Math.min(Math.floor(down * rows), rows - 1)
  return Math.min(Math.max(row, 0) * across + Math.max(column, 0), parts - 1)
}
