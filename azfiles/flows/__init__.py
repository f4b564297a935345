"""Flows say what happens over time, as generators of effects: one call, pages of a list, a whole file in ranges."""
