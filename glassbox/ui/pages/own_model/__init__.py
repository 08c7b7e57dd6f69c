"""The page on a model of the visitor's own."""
