"""Stage 3: data sets, runs, gates and the systems that learn: next_video (households and ad_detection come later)."""
