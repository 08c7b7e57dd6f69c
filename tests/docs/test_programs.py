"""The programs of the documentation, run as a reader would: each prints what the page says that it prints.

A program is a block of Python in docs/*.md; the block of text after it is its output, to the letter. Where a page and
its program have parted, `python -m tests.docs.test_programs` writes what the programs print now into the pages.
"""

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ("tensors", "terms", "derivative", "training", "attribution", "inspection")
PROGRAM = re.compile(r"^```python\n(?P<program>.*?)^```\n\n```text\n(?P<output>.*?)^```\n", re.MULTILINE | re.DOTALL)


def programs(page: Path) -> list[re.Match[str]]:
    return list(PROGRAM.finditer(page.read_text(encoding="utf-8")))


def printed(program: str, name: str) -> str:
    """What `program` prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, name, "exec"), {"__name__": "__main__"})
    return out.getvalue()


def stripped(text: str) -> str:
    """`text` without spaces at the ends of lines, which nobody sees."""
    return "\n".join(line.rstrip() for line in text.splitlines())


PROGRAMS = [
    pytest.param(found["program"], found["output"], id=f"{page.stem}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, found in enumerate(programs(page), start=1)
]


@pytest.mark.parametrize(("program", "output"), PROGRAMS)
def test_program_prints_what_the_page_says(
    program: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    assert stripped(printed(program, request.node.callspec.id)) == stripped(output)


def test_every_program_has_its_output_and_every_guide_a_program() -> None:
    for page in DOCS.rglob("*.md"):
        assert page.read_text(encoding="utf-8").count("```python") == len(programs(page)), page
    assert all(programs(DOCS / f"{guide}.md") for guide in GUIDES)


def rewrite(page: Path) -> None:
    """Write what the page's programs print into it."""

    def with_output(found: re.Match[str]) -> str:
        program = found["program"]
        return f"```python\n{program}```\n\n```text\n{stripped(printed(program, page.stem))}\n```\n"

    page.write_text(PROGRAM.sub(with_output, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for path in sorted(DOCS.glob("*.md")):
            rewrite(path)
