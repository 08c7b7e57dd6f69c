"""The page `sustainability`: sustainability."""
