"""How leads are changed, merged, and deleted, many at once too, and how that is undone."""
