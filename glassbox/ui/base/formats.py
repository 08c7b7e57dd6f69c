"""Numbers as people read them, and the only place that says how they are written: three significant digits, the unit
always there, "−" for minus, "," between thousands, "3.20 × 10⁻⁷" for what is very small or large.

A unit stands behind a no-break space, but the percent sign follows its number at once, in both languages: so the
Chicago Manual of Style (9.18) has it for English, and GB/T 15835 for Chinese, and so Plotly's axes write it. The
browser's numbers are written by components/_shared/numbers.js, to the same rules.
"""

import math

from glassbox.ui.base.i18n import t

NO_BREAK = "\u00a0"
"""No line breaks between a number and its unit."""
NEARLY_CERTAIN = 0.9995
"""From this probability on, `percent` shows "> 99.9%"."""
_JOULES = ((1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (1e-6, "µJ"), (1e-9, "nJ"))
_WATT_HOURS = ((1e9, "GWh"), (1e6, "MWh"), (1e3, "kWh"), (1.0, "Wh"))
_GRAMS = ((1e6, "t"), (1e3, "kg"), (1.0, "g"), (1e-3, "mg"), (1e-6, "µg"), (1e-9, "ng"))
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(share: float) -> str:
    """Return a probability with one decimal; the ends never claim certainty: '97.4%', '> 99.9%' for 0.9999."""
    if share >= NEARLY_CERTAIN:
        return f">{NO_BREAK}99.9%"
    if share < 0.0005:
        return f"<{NO_BREAK}0.1%"
    return measured(share)


def measured(share: float, decimals: int = 1) -> str:
    """Return a share that was counted, measured or chosen, which can be all or nothing: '97.74%', '100.0%'."""
    return f"{share:,.{decimals}%}"


def rough(share: float) -> str:
    """Return two significant digits of a share, 0 for none alone: '120%', '12%', '3.5%', '0.02%', '< 0.01%', '0%'."""
    if 0 < share < 0.5e-4:
        return f"<{NO_BREAK}0.01%"
    return measured(share, 0 if share >= 0.0995 or not share else 1 if share >= 0.000995 else 2)


def axis(decimals: int = 0, trim: bool = False) -> str:
    """Return the d3 format in which Plotly's axes write shares as `measured` does; `trim`: without zeros at the end."""
    return f".{decimals}{'~' if trim else ''}%"


def points(change: float, decimals: int = 1) -> str:
    """Return a change of a share in percentage points, with its sign: '+1.3', '−0.2'; '0.0' where it rounds to none."""
    text = f"{100 * abs(change):.{decimals}f}"
    return text if not float(text) else f"{'−' if change < 0 else '+'}{text}"


def shown(share: float) -> float:
    """Return `share` to the digits that `percent` shows, for what the browser writes: rounded twice, it could end
    elsewhere."""
    return round(float(f"{100 * share:.1f}") / 100, 3)


def probability(p: float) -> str:
    """Return three significant digits, near both ends scientific: '0.974', '2.10 × 10⁻⁷', '1 − 4.20 × 10⁻⁵'."""
    if 0 < p < 0.001:
        return scientific(p)
    if NEARLY_CERTAIN < p < 1:
        return f"1 − {scientific(1 - p)}"
    return f"{p:.3f}"


def scientific(number: float) -> str:
    """Return three significant digits and a power of ten: '3.20 × 10⁻⁷'."""
    mantissa, exponent = f"{number:.2e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def number(value: float) -> str:
    """Return three significant digits, scientific below 0.001 and from 100,000 on: '−0.271', '3.20 × 10⁻⁷'."""
    size = abs(value)
    if size == 0:
        return "0"
    text = f"{size:.3g}" if 1e-3 <= size < 999.5 else f"{size:,.0f}" if 999.5 <= size < 1e5 else scientific(size)
    return f"−{text}" if value < 0 else text


def hundredths(value: float) -> str:
    """Return two decimals, for what lies between -1 and 1: '0.71', '−0.20', never '−0.00'."""
    text = f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and float(text) else text


def temperature(value: float) -> str:
    """Return what scores are divided by before the softmax: '0.10'."""
    return f"{value:.2f}"


def duration(seconds: float) -> str:
    """Return microseconds below a millisecond, then milliseconds, seconds, minutes: '10 min', '4.31 min'."""
    if seconds < 1e-3:
        return f"{_three(seconds * 1e6)}{NO_BREAK}µs"
    if seconds < 1:
        return f"{_three(seconds * 1e3)}{NO_BREAK}ms"
    if seconds < 120:
        return f"{_three(seconds)}{NO_BREAK}s"
    return t("frame.minutes", value=_three(seconds / 60).removesuffix(".0"))


def energy(joules: float) -> str:
    """Return joules below a watt-hour, watt-hours from there on: '54.8 µJ', '1.04 kJ', '12.0 Wh', '1.29 GWh'."""
    return _scaled(joules, _JOULES) if joules < 3600 else _scaled(joules / 3600, _WATT_HOURS)


def mass(grams: float) -> str:
    """Return nanograms to tonnes: '27.6 mg', '1.00 kg'."""
    return _scaled(grams, _GRAMS)


def count(number: float) -> str:
    """Return a whole number, from a million on as people count: '940', '101,770', '1.23 million';
    in Chinese '148 万', '22.9 亿'."""
    if number < 1e6:
        return f"{number:,.0f}"
    size, value = scaled(number)
    return t(f"frame.count_{size}", value=value)


def scaled(number: float) -> tuple[str, str]:
    """Return a number of 0.01 or more as people count in the visitor's language: ("small", "4.63").

    Its size is "plain", "small" (million, 万), "large" (billion, 亿) or "huge" (trillion, 万亿); then how many of those
    it is.
    """
    many, very_many, most = float(t("frame.many")), float(t("frame.very_many")), float(t("frame.most"))
    if number >= most:
        return "huge", plain(number / most)
    if number >= very_many:
        return "large", plain(number / very_many)
    if number >= many:
        return "small", plain(number / many).replace(",", "")  # 1480 万: Chinese counts by four digits
    return "plain", plain(number)


def money(amount: float, currency: str) -> str:
    """Return a price, below a tenth with two significant digits: '$1,240', '$5.79', '$0.00031'."""
    decimals = 0 if amount >= 100 else 2 if amount >= 0.1 or not amount else 1 - math.floor(math.log10(amount))
    return f"{currency}{amount:,.{decimals}f}"


def plain(value: float) -> str:
    """Return three significant digits, without a power of ten."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:.1f}" if rounded >= 10 else f"{rounded:.2f}"


def size(octets: int) -> str:
    """Return bytes as kB or MB (powers of ten)."""
    return f"{_three(octets / 1e6)}{NO_BREAK}MB" if octets >= 1e6 else f"{_three(octets / 1e3)}{NO_BREAK}kB"


def _scaled(value: float, units: tuple[tuple[float, str], ...]) -> str:
    """Return `value` in the largest of `units` (descending) that it reaches."""
    size, name = next((unit for unit in units if value >= 0.9995 * unit[0]), units[-1])
    return f"{_three(value / size)}{NO_BREAK}{name}"


def _three(number: float) -> str:
    decimals = 0 if number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:,.{decimals}f}"
