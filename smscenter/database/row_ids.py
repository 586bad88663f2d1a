"""IDs of rows that a browser sends outside of forms, which check them."""

# Of the largest number that a column can have. Python refuses to read numbers of 4,300 digits.
LONGEST = 18


def row_id(text: str) -> int | None:
    """Return the number, or None if it can't be the ID of a row."""
    possible = text.isascii() and text.isdecimal() and len(text) <= LONGEST
    return int(text) if possible else None
