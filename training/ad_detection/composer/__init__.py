"""Builds stations' broadcasts from parts and keeps the truth of every second: nobody may ship real ones."""
