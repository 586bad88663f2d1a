"""Staff may be anywhere, so a time says its zone."""

DATE_FORMAT = "M j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "M j, Y, g:i A T"
SHORT_DATETIME_FORMAT = "M j, Y, g:i A T"
