"""LOG-3: a month of realistic logs by seed, its ground truth apart, and a stream that goes on for ever."""
