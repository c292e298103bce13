"""Households as people look at them: a graph in memory, its versions, one household in words (HH-3, HH-4)."""
