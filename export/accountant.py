"""How private DP-SGD was: epsilon from what was done, by the published accountant dp-accounting.

Privacy loss distributions: Koskela et al., 2020, https://arxiv.org/abs/1906.03049; Doroshenko et al., 2022,
https://arxiv.org/abs/2207.04380.
"""

from dp_accounting import (
    DpEvent,
    GaussianDpEvent,
    PoissonSampledDpEvent,
    SelfComposedDpEvent,
    calibrate_dp_mechanism,
)
from dp_accounting.pld import PLDAccountant

TOLERANCE = 1e-3
"""Of the noise multiplier."""
GRAIN = 1e-4
"""To which privacy losses are rounded: dp-accounting's own. A coarser one is quicker, and asks for no less noise."""


def epsilon(noise: float, share: float, steps: int, delta: float) -> float:
    """The epsilon at `delta` after `steps` of DP-SGD with normal noise of deviation `noise` times the clipping length,
    each picture drawn with the chance `share`; training sets that differ by one picture, put in or taken out."""
    accountant = PLDAccountant()
    accountant.compose(_training(noise, share, steps))
    return float(accountant.get_epsilon(delta))


def noise_for(epsilon: float, share: float, steps: int, delta: float, grain: float = GRAIN) -> float:
    """The least noise multiplier, to TOLERANCE, with which training stays within `epsilon` at `delta`."""
    return float(
        calibrate_dp_mechanism(
            lambda: PLDAccountant(value_discretization_interval=grain),
            lambda noise: _training(noise, share, steps),
            epsilon,
            delta,
            tol=TOLERANCE,
        )
    )


def _training(noise: float, share: float, steps: int) -> DpEvent:
    return SelfComposedDpEvent(PoissonSampledDpEvent(share, GaussianDpEvent(noise)), steps)
