"""Where the files are that Glassbox reads: beside the package in a checkout, inside it once installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_INSTALLED = PACKAGE / "app"
ROOT = _INSTALLED if _INSTALLED.is_dir() else PACKAGE.parent
"""The folder of dashboard.py, pages/, models/, locale/, content/ and studies/."""

MODELS = ROOT / "models"
STUDIES = ROOT / "studies"
LOCALE = ROOT / "locale"
CONTENT = ROOT / "content"
DATA = PACKAGE / "data"
