"""Is what is stored twice still true? A second opinion on what triggers and Python keep."""
