"""What members may do with texts by their role (smscenter/accounts/roles.py)."""

SEND_TEXTS = "messaging.send_texts"
MANAGE_SENDERS = "messaging.manage_senders"
