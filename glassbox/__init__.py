"""Glassbox 玻璃盒: see inside a neural network while it works."""

__version__ = "0.1.0"
