"""The page `read`: the first screen."""
