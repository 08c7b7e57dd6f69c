"""Measurements of the exported models: python -m export --study NAME."""
