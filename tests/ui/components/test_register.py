"""Each component reaches the browser as one module that it can read."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from glassbox.ui.components import register

FOLDER = Path(register.__file__).parent
ENTRIES = sorted(folder / f"{folder.name}.js" for folder in FOLDER.iterdir() if (folder / "__init__.py").exists())
NODE = shutil.which("node")


def test_there_are_components() -> None:
    assert len(ENTRIES) > 10


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.stem)
def test_joined_module_has_one_default_export_and_each_name_once(entry: Path) -> None:
    joined = register.module(entry)
    assert re.findall(r"^export \w+", joined, re.MULTILINE) == ["export default"]
    names = re.findall(r"^(?:const|let|class|(?:async )?function) (\w+)", joined, re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert not re.search(r"^import\b", joined, re.MULTILINE)


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.stem)
def test_node_reads_the_joined_module(entry: Path, tmp_path: Path) -> None:
    module = tmp_path / "component.mjs"
    module.write_text(register.module(entry), encoding="utf-8")
    assert NODE
    checked = subprocess.run([NODE, "--check", module], capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_component_is_drawn_through_what_keeps_the_last_choice(tmp_path: Path) -> None:
    entry = tmp_path / "a.js"
    entry.write_text("export default function ({ data, key }) {\n  return [data, key]\n}\n")
    assert register.module(entry).splitlines()[-1] == "export default showNewest(component)"
    assert "const showNewest = " in register.module(entry)
    assert "function component({ data, key }) {" in register.module(entry)
    entry.write_text("export default 1\n")
    with pytest.raises(ValueError, match=re.escape("a.js")):
        register.module(entry)


def test_every_imported_name_is_exported() -> None:
    imports = 0
    for file in FOLDER.glob("*/*.js"):
        for names, source in re.findall(r'^import \{([^}]*)\} from "([^"]+)"', file.read_text("utf-8"), re.MULTILINE):
            exports = (file.parent / source).read_text("utf-8")
            for name in filter(None, map(str.strip, names.split(","))):
                assert re.search(rf"^export (?:const|let|class|(?:async )?function) {name}\b", exports, re.MULTILINE)
                imports += 1
    assert imports > 50


def test_shared_file_is_joined_once_before_those_that_import_it(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js"\nimport { c } from "./c.js"\nexport default b + c\n')
    (tmp_path / "b.js").write_text('import {\n  c,\n} from "./c.js"\nexport const b = c\n')
    (tmp_path / "c.js").write_text("export const c = 1\nexport async function d() {}\n")
    joined = register.join(tmp_path / "a.js")
    lines = [line for line in joined.splitlines() if line]
    assert lines == ["const c = 1", "async function d() {}", "const b = c", "export default b + c"]


@pytest.mark.parametrize("line", ['import b from "./b.js"', 'import * as b from "./b.js"', 'import { b } from "b"'])
def test_any_other_import_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(f"{line}\n")
    (tmp_path / "b.js").write_text("export const b = 1\n")
    with pytest.raises(ValueError, match=re.escape("a.js")):
        register.join(tmp_path / "a.js")


def test_no_class_is_ruled_by_two_style_sheets() -> None:
    """Components outside of a shadow root share the page with each other and with its style sheet."""
    ruled: dict[str, set[str]] = {}
    for sheet in [FOLDER.parent / "base" / "style.css", *FOLDER.glob("*/*.css")]:
        rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selector in ",".join(re.findall(r"([^{};]+)\{", rules)).split(","):
            if first := re.match(r"\s*[a-z0-9]*\.(gb-[\w-]+)", selector):
                ruled.setdefault(first[1], set()).add(sheet.name)
    assert len(ruled) > 50
    assert {name: sheets for name, sheets in ruled.items() if len(sheets) > 1} == {}
