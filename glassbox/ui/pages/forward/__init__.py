"""The page `forward`: forward propagation."""
