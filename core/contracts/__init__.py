"""The forms in which stages meet: landing files, lake partitions, exports, decision records."""
