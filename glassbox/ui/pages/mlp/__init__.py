"""The page `mlp`: the MLP."""
