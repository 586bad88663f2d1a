"""The sandbox carrier: the same client code as in production, with our own server.

`manage.py sandbox` runs the server. Numbers that fail on purpose are in `numbers.py`.
"""
