"""Numbers as LaTeX, for the formulas."""

from glassbox.ui.base import formats

_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number(value: float) -> str:
    """Three significant digits as LaTeX: 0.482, -2.10 \\cdot 10^{-7}."""
    mantissa, times, power = formats.number(value).replace("−", "-").partition(" × 10")
    return rf"{mantissa} \cdot 10^{{{power.translate(_DIGITS)}}}" if times else mantissa


def signed(value: float) -> str:
    """The number with its sign in front, as it stands in a sum."""
    return f"- {number(-value)}" if value < 0 else f"+ {number(value)}"


def bracketed(value: float) -> str:
    """The number, in brackets where it is negative."""
    return f"({number(value)})" if value < 0 else number(value)
