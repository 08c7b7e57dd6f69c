"""Glassbox 玻璃盒: see inside a neural network while it works."""
