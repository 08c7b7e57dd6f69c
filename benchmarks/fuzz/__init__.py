"""Thousands of faulty pictures, models and links: `python -m benchmarks.fuzz {pictures,models,links}`."""
