"""Ad decisions: breaks filled live under caps that hold whatever happens (HH-6 to HH-11)."""
