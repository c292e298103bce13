"""Stage 4: the API and the pages."""
