"""Next-Video: catalogue index, editorial rules, ranking and the numpy side of the models. One component a file."""
