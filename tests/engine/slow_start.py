"""Commands that take more processor time to import than a call of one second may take."""

import time

from tests.engine.faults import COMMANDS, REQUESTS

__all__ = ["COMMANDS", "REQUESTS"]
while time.process_time() < 1.5:
    pass
