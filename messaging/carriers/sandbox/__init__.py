"""The sandbox carrier: production's code for Twilio's protocol, against a server of our own.

`manage.py sandbox` runs the server; its numbers that fail on purpose are in `numbers.py`.
"""
