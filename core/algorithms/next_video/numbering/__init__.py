"""Which episode a serial video is: told from fields, titles, paths and dates, with a confidence (NV-K1)."""
