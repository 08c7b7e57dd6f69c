"""Explanations of what a network computed, and measures of how true they are."""
