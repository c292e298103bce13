"""Household evidence: who lives together, told from who was seen where and when (HH-1, HH-2). Pure; no I/O but save."""
