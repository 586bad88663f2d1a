"""Files from strangers: what they are, and a copy that's safe to keep."""
