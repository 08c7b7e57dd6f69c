"""The page `writing`: networks that write text."""
