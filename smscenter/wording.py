"""Labels and quotations inside sentences."""

import unicodedata


def upperfirst(text: object) -> str:
    """Return the text with an uppercase first letter."""
    sentence = str(text)
    return sentence[:1].upper() + sentence[1:]


def lowerfirst(text: object) -> str:
    """Return the text with a lowercase first letter, except for names and abbreviations.

    "Outside the US and Canada" becomes "outside the US and Canada", and "US only" stays.
    """
    words = str(text)
    is_abbreviation = words[1:2].isupper()
    return words if is_abbreviation else words[:1].lower() + words[1:]


def before_number(name: str) -> str:
    """Return the name for use before a number, where no markup can keep them apart.

    After one that's written from the right, the number's parts would be read from the right, too.
    """
    is_from_right = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in name)
    return f"{name}\N{LEFT-TO-RIGHT MARK}" if is_from_right else name


# Straight, curly, low and angle quotation marks around something, and the single ones inside.
AROUND = '"“”„‟«»'
INSIDE = str.maketrans({'"': "'", "“": "‘", "”": "’", "„": "‚", "‟": "‘"})


def unquoted(text: object) -> str:
    """Return the text for use in quotation marks: without its own, with single ones inside.

    `"Stop" please` becomes `'Stop' please`, and `“Stop”` becomes `Stop`.
    """
    words = str(text).strip()
    if len(words) > 1 and words[0] in AROUND and words[-1] in AROUND:
        inner = words[1:-1]
        words = inner if not set(inner) & set(AROUND) else words
    return words.translate(INSIDE)


def quote(text: object) -> str:
    """Return the text in one pair of quotation marks."""
    return f"“{unquoted(text)}”"
