"""Who belongs to an organization: invitations, roles, and what happens when somebody leaves."""
