"""The 95 % interval of a share."""

import math

NORMAL_QUANTILE = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


def wilson_interval(successes: int, count: int) -> tuple[float, float]:
    """Return the lower and upper end of the 95 % interval of a share of `successes` among `count`.

    Raises ValueError unless 0 <= successes <= count and count > 0.
    Wilson, 1927, https://doi.org/10.1080/01621459.1927.10502953
    """
    if not 0 <= successes <= count or count == 0:
        raise ValueError(f"{successes} of {count} is no share")
    share, squared = successes / count, NORMAL_QUANTILE**2 / count
    middle = (share + squared / 2) / (1 + squared)
    half = math.sqrt(squared * (share * (1 - share) + squared / 4)) / (1 + squared)
    return (middle - half if successes else 0.0, middle + half if successes < count else 1.0)
