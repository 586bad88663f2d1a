"""Formats with the time zone, because staff may be anywhere."""

DATE_FORMAT = "M j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "M j, Y, g:i A T"
SHORT_DATETIME_FORMAT = "M j, Y, g:i A T"
