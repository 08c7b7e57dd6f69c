"""What it would cost to train at a given compute today: an estimate of the final training run alone.

Left out, because they differ most from one laboratory to the next: people, data, failed and smaller runs before the
final one, network and storage. For the models whose costs they know in full, Cottier et al. 2024
(https://arxiv.org/abs/2405.21015) find staff to be 29-49 % of the whole.
"""

from dataclasses import dataclass

from glassbox.history.milestones import Accelerator
from glassbox.records import require

HOURS_A_YEAR = 8766.0


@dataclass(frozen=True)
class Assumptions:
    """The assumptions of the estimate, each to be changed.

    `utilisation`: the share of the peak that training really reaches; `overhead`: what a server costs for each dollar
    of its accelerators; `years`: until it is written off; `busy`: the share of that time in which it works; `server`:
    watts drawn by the server for each watt of its accelerators' thermal design power; `pue`: power usage effectiveness,
    watts drawn by the building for each watt of its servers; `electricity`: US dollars a kilowatt-hour.
    """

    utilisation: float = 0.40
    overhead: float = 2.0
    years: float = 5.0
    busy: float = 0.9
    server: float = 1.4
    pue: float = 1.54
    electricity: float = 0.08

    def __post_init__(self) -> None:
        for name in ("utilisation", "busy"):
            require(0 < getattr(self, name) <= 1, f"{name} is not a share")
        require(self.years > 0 and self.electricity >= 0, "time and prices are not below 0")
        require(min(self.overhead, self.server, self.pue) >= 1, "an overhead multiplies by 1 or more")


@dataclass(frozen=True)
class Bill:
    """`hours`: of one accelerator; `kilowatt_hours`: drawn by the building, None if the watts are not known; dollars:
    `rent` of the hours, or `hardware` (its price written off for as long as it is used) and `electricity`; None where
    no price is known."""

    hours: float
    kilowatt_hours: float | None
    rent: float | None
    hardware: float | None
    electricity: float | None

    @property
    def owned(self) -> float | None:
        """Hardware and electricity together."""
        return None if self.hardware is None or self.electricity is None else self.hardware + self.electricity

    def days(self, accelerators: int) -> float:
        """Return the days that the work takes on so many accelerators."""
        return self.hours / accelerators / 24


def bill(compute: float, chip: Accelerator, given: Assumptions) -> Bill:
    """Return what `compute` FLOP cost on `chip`. Raises ValueError unless `compute` is above 0."""
    require(compute > 0, "there is nothing to train")
    hours = compute / (chip.flops * given.utilisation) / 3600
    energy = None if chip.watts is None else hours * chip.watts / 1000 * given.server * given.pue
    written_off = given.years * HOURS_A_YEAR * given.busy
    return Bill(
        hours=hours,
        kilowatt_hours=energy,
        rent=None if chip.rent is None else hours * chip.rent,
        hardware=None if chip.price is None else hours * chip.price * given.overhead / written_off,
        electricity=None if energy is None else energy * given.electricity,
    )
