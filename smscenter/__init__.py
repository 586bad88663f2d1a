"""The installation: its settings and URLs, and the apps that other apps need."""

import gc

# A start imports what stays until the end. With Python's default threshold of 700 new objects,
# looking for garbage among them takes a fifth of the start.
gc.set_threshold(10_000)
