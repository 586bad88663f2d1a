"""System checks: a misconfigured carrier is said at the start, not at the first text."""
