"""The page on circuits: what it keeps in the link, and its two halves."""
