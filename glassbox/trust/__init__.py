"""Can a network be trusted? What was measured of its honesty, and how a visitor's picture compares."""
