"""What members may do with exports by their role (smscenter/accounts/roles.py)."""

EXPORT_EVERYTHING = "exports.export_everything"
