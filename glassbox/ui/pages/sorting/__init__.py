"""The page `sorting`: a tiny transformer learns to sort."""
