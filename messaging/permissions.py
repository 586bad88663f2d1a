"""What members may do with texts by their role (smscenter/accounts/roles.py)."""

MANAGE_SENDERS = "messaging.manage_senders"
