"""What the pages never import: each of these would stay in the server's memory for good, and keep the first visitor."""

import subprocess
import sys

from glassbox.paths import ROOT
from glassbox.ui.frame.places import PLACES

HEAVY = {"pandas", "pyarrow", "scipy.stats", "fontTools", "matplotlib", "altair"}
"""From 10 MB (fontTools) to 70 (pandas) each."""
PROGRAM = """
import sys
from tests.ui.dashboard import switch, visit
app = visit()
for page in sys.argv[1:]:
    switch(app, page)
print(*sys.modules)
"""


def test_no_page_imports_what_is_heavy() -> None:
    """As opened, each page in one process. A table of a visitor's own files (st.dataframe) does import pandas."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *PLACES], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    imported = set(ran.stdout.split())
    assert "streamlit" in imported and not imported & HEAVY
