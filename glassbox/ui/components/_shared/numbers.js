// Numbers as people read them: the same text as glassbox/ui/base/formats.py gives (tests/ui/components/numbers.json).
const NO_BREAK = "\u00a0"

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high)

// Return `text` with each {name} replaced by the value of that name.
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])

// Return sentences as one text; none has a space after a full-width stop. As glassbox/ui/base/i18n.py.
export const sentences = (...said) =>
  said.filter(Boolean).reduce((text, one) => text + (/[。！？]$/.test(text) ? "" : " ") + one)

// Any number with three significant digits, scientific below 0.001 and from 100,000 on: "−0.5", "3.20 × 10⁻⁷".
export const number = (value) => withSign(value, (size) => threeDigits(size).replace(/\.0+$|(\.\d*?)0+$/, "$1"))

// The same with its trailing zeros, so that a number that changes keeps its width: "−0.500".
export const steadyNumber = (value) => withSign(value, threeDigits)

// The same for the tick of an axis, whose power of ten needs no zeros: "2 × 10⁵".
export const tick = (value) => number(value).replace(/\.?0+(?= ×)/, "")

// A probability as a percentage with one decimal; the ends never claim certainty: "> 99.9%".
export function percent(share) {
  if (share >= 0.9995) return `>${NO_BREAK}99.9%`
  if (share < 0.0005) return `<${NO_BREAK}0.1%`
  return measured(share)
}

// A share that was counted or measured, which can be all or nothing: "100.0%".
export const measured = (share) => `${fixed(100 * share, 1)}%`

// The same without ".0", for the ticks of an axis: "100%".
export const tickPercent = (share) => measured(share).replace(".0", "")

// Seconds, as microseconds below a millisecond, then milliseconds and seconds: "4.31 ms".
export function duration(seconds) {
  const [value, unit] = seconds < 1e-3 ? [1e6, "µs"] : seconds < 1 ? [1e3, "ms"] : [1, "s"]
  return withUnit(seconds * value, unit)
}

// Bytes as kB or MB (powers of ten): "1.20 MB".
export const size = (octets) => (octets >= 1e6 ? withUnit(octets / 1e6, "MB") : withUnit(octets / 1e3, "kB"))

function withUnit(value, unit) {
  const digits = fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
  return `${digits.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",")}${NO_BREAK}${unit}`
}

// Three significant digits and a power of ten: "3.20 × 10⁻⁷".
export function scientific(value) {
  return withSign(value, (size) => {
    const [mantissa, power] = exponential(size, 2).split("e")
    return `${mantissa} × 10${raised(Number(power))}`
  })
}

export const raised = (whole) => String(whole).replace(/[-\d]/g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]))
export const lowered = (whole) => String(whole).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit])

const withSign = (value, text) => `${value < 0 ? "−" : ""}${value ? text(Math.abs(value)) : "0"}`

function threeDigits(size) {
  if (size >= 999.5 && size < 1e5) return fixed(size, 0).replace(/\B(?=(\d{3})+$)/g, ",")
  if (size < 0.001 || size >= 1e5) return scientific(size)
  const power = Number(exponential(size, 2).split("e")[1])
  return fixed(size, 2 - power)
}

// toFixed and toExponential, but a number exactly halfway between two goes to the even digit, as in Python.
function fixed(size, decimals) {
  const exact = size.toFixed(100)
  return toEven(exact, exact.indexOf(".") + (decimals ? decimals + 1 : 0), size.toFixed(decimals))
}

function exponential(size, decimals) {
  const [exact, power] = size.toExponential(100).split("e")
  return toEven(`${exact}e${power}`, decimals + 2, size.toExponential(decimals))
}

function toEven(exact, kept, rounded) {
  const [digits, power] = exact.split("e")
  const halfway = /^\.?50*$/.test(digits.slice(kept)) && Number(digits[kept - 1]) % 2 === 0
  return halfway ? digits.slice(0, kept) + (power ? `e${power}` : "") : rounded
}
