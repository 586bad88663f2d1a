"""Erase a person's data on request: find it, erase it part by part, and keep a receipt."""
