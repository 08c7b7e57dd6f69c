"""What answers cost on rented machines: by how many a machine gives in a second, and by how many are asked for."""

import math
from dataclasses import dataclass

MILLION = 1e6
_HOUR, _DAY = 3600.0, 86_400.0


@dataclass(frozen=True)
class Machine:
    """A rented machine: the `price` of an hour, in any currency, and the `cores` that it shares among as many
    processes."""

    price: float
    cores: int = 1


def at_full_load(machine: Machine, rate: float) -> float:
    """Return the price of a million answers where every core gives `rate` answers a second at all times."""
    return machine.price / (_HOUR * machine.cores * rate) * MILLION


def machines_needed(machine: Machine, rate: float, asked: float) -> int:
    """Return how many machines, one at least, give `asked` answers a day, evenly over the day."""
    return max(math.ceil(asked / (_DAY * machine.cores * rate)), 1)


def at_traffic(machine: Machine, rate: float, asked: float) -> float:
    """Return the price of a million answers where `asked` are asked for in a day, and machines are rented for all of
    it."""
    return machines_needed(machine, rate, asked) * machine.price * 24 / asked * MILLION
