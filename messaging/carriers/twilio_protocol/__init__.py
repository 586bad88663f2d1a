"""The protocol of Twilio's Messages API (2010-04-01), for every carrier that speaks it.

Delete it with the last of them.
"""
