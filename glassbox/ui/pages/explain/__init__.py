"""The page `explain`: explanations of the visitor's digit."""
