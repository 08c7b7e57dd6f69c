"""The page `playground`: the playground."""
