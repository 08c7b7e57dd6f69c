"""python -m export in the tests' own process, which has started TensorFlow already: it takes ten seconds each time.
test_shakespeare.py, test_measures.py and test_memorisation.py start processes for it."""

from export import __main__ as export


def export_models(*arguments: object) -> None:
    """Carry out `python -m export` with `arguments`."""
    export.main([*map(str, arguments)])
