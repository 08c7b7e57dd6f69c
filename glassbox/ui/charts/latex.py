"""Numbers as LaTeX, for the formulas."""

from glassbox.ui.base import formats

_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number(value: float) -> str:
    """Three significant digits as LaTeX: 0.482, -2.10 \\cdot 10^{-7}."""
    mantissa, times, power = formats.number(value).replace("−", "-").replace(",", "{,}").partition(" × 10")
    return rf"{mantissa} \cdot 10^{{{power.translate(_DIGITS)}}}" if times else mantissa


def signed(value: float) -> str:
    """The number with its sign in front, as it stands in a sum."""
    return f"- {number(-value)}" if value < 0 else f"+ {number(value)}"


def probability(p: float) -> str:
    """A probability that does not claim certainty: 0.482, 1 - 4.20 \\cdot 10^{-5}."""
    return f"1 {signed(p - 1)}" if 0 < 1 - p < 5e-4 else number(p)


def enclosed(p: float) -> str:
    """A probability as it stands beside other factors: in brackets where it is written as a difference."""
    return f"({probability(p)})" if 0 < 1 - p < 5e-4 else number(p)


def bracketed(value: float) -> str:
    """The number, in brackets where it is negative."""
    return f"({number(value)})" if value < 0 else number(value)
