"""Gradient descent to play with: data in the plane, small networks, experiments on them, and what to take home."""
