"""The page `privacy`: privacy."""
