"""Ad decisions, pure: which spots may fill a break, and which do (HH-6 to HH-11)."""
