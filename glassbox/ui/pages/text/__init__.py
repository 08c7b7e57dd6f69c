"""The page `text`: networks that read text."""
