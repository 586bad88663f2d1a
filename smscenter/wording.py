"""Labels and quotations inside sentences."""


def lowerfirst(text: object) -> str:
    """Return the text with a small first letter; names and abbreviations in it stay as they are.

    "Outside the US and Canada" becomes "outside the US and Canada", and "US only" stays.
    """
    words = str(text)
    is_abbreviation = words[1:2].isupper()
    return words if is_abbreviation else words[:1].lower() + words[1:]
