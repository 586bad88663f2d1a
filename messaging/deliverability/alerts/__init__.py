"""Alerts to the people who look after an organization's texts, and their weekly summary."""

CHANGES_ALERTS = "messaging.change_alerts"
