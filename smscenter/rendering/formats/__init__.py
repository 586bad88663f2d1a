"""How Django formats dates, mostly in the admin. For other pages, see smscenter/moments.py."""
