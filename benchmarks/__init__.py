"""Measure the performance that the documentation promises, as ratios within a single run."""
