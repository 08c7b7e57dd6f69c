// The parts of a message of the Open Inference Protocol, by their bytes: JSON, and behind it tensors in binary.
const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44] // the bytes of ", \ and ,
const DEEPEST = 16 // objects and arrays inside each other
const WIDTHS = { BOOL: 1, UINT8: 1, INT8: 1, FP16: 2, INT32: 4, FP32: 4, INT64: 8, FP64: 8 }
const READ_AS = {
  FP32: (view, at) => view.getFloat32(at, true),
  FP64: (view, at) => view.getFloat64(at, true),
  INT32: (view, at) => view.getInt32(at, true),
  INT64: (view, at) => Number(view.getBigInt64(at, true)),
  UINT8: (view, at) => view.getUint8(at),
}

const text = (bytes, from, to) => new TextDecoder().decode(bytes.subarray(from, to))

// Return the parts of a message in their order, which join to the whole of it: { from, to, path, depth, numbers }.
// `path`: "inputs[].shape" for a member of an object with its value, null for the signs between; `numbers`: the places
// [from, to] of the single numbers of a tensor. The first `jsonLength` bytes are JSON, by default all; throws a
// SyntaxError where they are not.
export function messageParts(bytes, jsonLength = bytes.length) {
  const header = JSON.parse(text(bytes, 0, jsonLength))
  const parts = jsonParts(bytes, jsonLength)
  const tensors = ["inputs", "outputs"].flatMap((side) => (header[side] ?? []).map((tensor) => ({ side, tensor })))
  let from = jsonLength
  for (const { side, tensor } of tensors) {
    const size = tensor.parameters?.binary_data_size
    if (!Number.isInteger(size) || size <= 0 || from + size > bytes.length) continue
    parts.push({
      from,
      to: from + size,
      path: `${side}[].binary`,
      depth: 0,
      datatype: tensor.datatype,
      numbers: evenly(from, from + size, WIDTHS[tensor.datatype] ?? 1),
    })
    from += size
  }
  if (from < bytes.length) parts.push({ from, to: bytes.length, path: null, depth: 0, numbers: [] })
  return parts
}

function evenly(from, to, width) {
  return Array.from({ length: Math.floor((to - from) / width) }, (_, i) => [from + i * width, from + (i + 1) * width])
}

// Return the number that stands in the bytes of a part from `from` to `to`; NaN for a type that is not read here.
export function numberAt(bytes, part, [from, to]) {
  if (!part.datatype) return Number(text(bytes, from, to))
  const read = READ_AS[part.datatype]
  return read ? read(new DataView(bytes.buffer, bytes.byteOffset), from) : Number.NaN
}

function jsonParts(bytes, end) {
  const parts = []
  let at = 0
  value("", 0, 0)
  if (at < end) parts.push(between(at, end, 0))
  return parts

  // Read the value at `at`; `since`: where the member begins that it is the value of.
  function value(path, depth, since) {
    spaces()
    const open = String.fromCharCode(bytes[at])
    if (depth < DEEPEST && (open === "{" || (open === "[" && holdsObject()))) {
      at++
      parts.push({ ...between(since, at, depth), path: path.endsWith("[]") ? null : path || null })
      if (open === "{") members(path, depth + 1)
      else items(path, depth + 1)
      return
    }
    const from = at
    skip()
    parts.push({
      from: since,
      to: at,
      path: path || null,
      depth,
      numbers: path.endsWith(".data") ? numbers(from, at) : [],
    })
  }

  function members(path, depth) {
    for (let since = at; !closed(since, depth); since = at) {
      spaces()
      const from = at
      string()
      const name = JSON.parse(text(bytes, from, at))
      spaces()
      at++ // the colon
      value(path ? `${path}.${name}` : name, depth, since)
      comma(depth)
    }
  }

  function items(path, depth) {
    for (let since = at; !closed(since, depth); since = at) {
      value(`${path}[]`, depth, at)
      comma(depth)
    }
  }

  function comma(depth) {
    const since = at
    spaces()
    if (bytes[at] !== COMMA) {
      at = since
      return
    }
    at++
    spaces()
    parts.push(between(since, at, depth))
  }

  // Whether the object or array ends here; if so, its end is a part.
  function closed(since, depth) {
    spaces()
    const sign = String.fromCharCode(bytes[at])
    if (sign !== "}" && sign !== "]") {
      at = since
      return false
    }
    at++
    parts.push(between(since, at, depth - 1))
    return true
  }

  function spaces() {
    while (at < end && bytes[at] <= 32) at++
  }

  function string() {
    at++
    while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
    at++
  }

  // Go to the end of the value at `at`, whatever is in it.
  function skip() {
    let open = 0
    while (at < end) {
      const sign = String.fromCharCode(bytes[at])
      if (!open && (sign === "," || sign === "}" || sign === "]")) return
      if (sign === '"') string()
      else at++
      if (sign === "{" || sign === "[") open++
      else if (sign === "}" || sign === "]") open--
      if (!open && (sign === "}" || sign === "]")) return
    }
  }

  // Whether the array at `at` holds an object, and so is more than a tensor's numbers.
  function holdsObject() {
    const from = at
    skip()
    const found = /^\[\s*\{/.test(text(bytes, from, at))
    at = from
    return found
  }

  function numbers(from, to) {
    return [...text(bytes, from, to).matchAll(/-?\d[\d.eE+-]*/g)].map(({ index, 0: { length } }) => [
      from + index,
      from + index + length,
    ])
  }
}

const between = (from, to, depth) => ({ from, to, path: null, depth, numbers: [] })

// Return bytes as pairs of hexadecimal digits: "00 00 80 3f".
export const hexadecimal = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join(" ")
