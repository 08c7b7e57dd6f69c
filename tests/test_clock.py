"""No limit, age or pause is measured by the time of day: that jumps when someone sets the clock."""

import re

from glassbox.paths import PACKAGE, ROOT

SOURCES = [ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *PACKAGE.rglob("*.py")]
TIME_OF_DAY = re.compile(
    r"\btime\.time(_ns)?\(|\bdatetime\.(now|today|utcnow)\(|\bdate\.today\(|from time import [^\n]*\btime\b"
)


def test_nothing_asks_the_time_of_day() -> None:
    asking = [path.name for path in SOURCES if TIME_OF_DAY.search(path.read_text(encoding="utf-8"))]
    assert asking == ["endpoint.py"]  # which writes it into its log
