"""How an organization begins and ends, and its own settings."""
