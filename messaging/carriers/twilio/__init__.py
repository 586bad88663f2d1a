"""Twilio, the carrier."""
