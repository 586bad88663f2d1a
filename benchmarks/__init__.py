"""Measurements of what the documents promise. Ratios of one run; nothing here is a test."""
