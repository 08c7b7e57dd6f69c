"""The page `factors`: the factors of the era."""
