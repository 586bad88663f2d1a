"""The protocol of Twilio's Messages API (2010-04-01), shared by the carriers that speak it.

Delete it with the last of them.
"""
