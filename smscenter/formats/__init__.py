"""How Django itself writes dates, mostly in the admin: see smscenter/moments.py for the pages."""
