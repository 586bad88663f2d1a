"""The sandbox carrier: the code that production uses, against a server of our own.

`manage.py sandbox` runs the server. Numbers that fail on purpose are in `numbers.py`.
"""
