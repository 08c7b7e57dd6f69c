"""The operators that Glassbox knows: `python -m benchmarks.operators [--refused]`, a line for each.

Of each of the standard's, of ai.onnx.ml and of those of com.microsoft that the sandbox lets in: how there is a
derivative ("rule", "written out", "estimate" or "none", such as comparisons have), and whether the terms of its numbers
can be told.
"""

import argparse
from collections.abc import Iterator

import onnx

import glassbox.explain.terms.explain
import glassbox.graph.gradient  # noqa: F401 (these fill the tables)
from glassbox.engine.isolated.admission import FUSED
from glassbox.explain.terms import copies, operators
from glassbox.graph.backpropagation import RULES
from glassbox.graph.decompositions.linear_models import LEARNED
from glassbox.graph.written_out import MICROSOFT, is_estimated, is_written_out


def rows() -> Iterator[tuple[str, str, str]]:
    """Return (operator, derivative, terms) of each, in order."""
    schemas = [schema for schema in onnx.defs.get_all_schemas() if not schema.deprecated]
    own = {domain: {schema.name for schema in schemas if schema.domain == domain} for domain in ("", LEARNED)}
    for domain, names in (own | {MICROSOFT: FUSED}).items():
        for name in sorted(names):
            written = "written out" if is_written_out(onnx.NodeProto(op_type=name, domain=domain)) else "none"
            rule = "rule" if domain == "" and name in RULES else written
            if is_estimated(onnx.NodeProto(op_type=name, domain=domain)):
                yield f"{domain}.{name}", "estimate", "none"
                continue
            told = domain == "" and (name in operators.RULES or name in copies.MOVES)
            yield f"{domain}.{name}".lstrip("."), rule, "rule" if told else written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refused", action="store_true", help="only those without a derivative or without terms")
    options = parser.parse_args()
    print(f"{'operator':44}{'derivative':14}terms")
    for name, rule, terms in rows():
        if not options.refused or "none" in (rule, terms):
            print(f"{name:44}{rule:14}{terms}")


if __name__ == "__main__":
    main()
