"""Households: batch runs, the live consumer, evaluation and export (HH-1..HH-6)."""
