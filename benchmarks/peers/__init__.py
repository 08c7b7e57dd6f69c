"""The runtimes that Glassbox is measured beside, each made to compute the same as a network of ours, on one thread.

A module a runtime, imported only where it is installed; see benchmarks/requirements.txt.
"""
