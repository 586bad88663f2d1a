"""Measure what the docs promise, as ratios within one run. Nothing here is a test."""
