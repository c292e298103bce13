"""What training learns from: plays, time-based splits, and Feast's point-in-time features."""
