"""What members may do with leads by their role (smscenter/accounts/roles.py)."""

MANAGE_FIELDS = "leads.manage_fields"
ERASE_PEOPLE = "leads.erase_people"
