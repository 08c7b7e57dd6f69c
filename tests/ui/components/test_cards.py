"""How sure a network is, in words."""

import pytest

from glassbox.ui.components import cards


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.5, "0.500"),
        (1 - 1 / 12_000, "by its own account wrong about once in 12,000"),
        (1 - 1e-8, "by its own account wrong about once in 100\u00a0million"),
        (1 - 2.0**-52, "by its own account wrong less than once in a billion"),
    ],
)
def test_certainty_is_told_as_cases_up_to_what_numbers_can_tell(p: float, said: str) -> None:
    assert cards._probability(p).endswith(said)
