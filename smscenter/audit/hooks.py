"""Register the audit log's page and search fields, and what it records of people."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import Group
from django.db.models import Model

from search.models import SavedView
from search.words.vocabulary import vocabularies
from smscenter.accounts.models import Invitation, Organization, User
from smscenter.accounts.organizations.rows import RowDeleter, row_deleters
from smscenter.accounts.pages.overview import panels
from smscenter.accounts.pages.settings_pages import SettingsPage, settings_pages
from smscenter.accounts.roles import RolePermission, role_permissions
from smscenter.audit import admin_edits, exports, signing_in  # noqa: F401 - their receivers
from smscenter.audit.context import is_outside_admin
from smscenter.audit.edits import record_edits
from smscenter.audit.models import PERMISSION, AuditRecord
from smscenter.audit.objects import Audited
from smscenter.audit.overview import PANEL
from smscenter.audit.retention import delete_old_records, delete_records_of
from smscenter.audit.vocabulary import records
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

vocabularies.register(records)
jobs.register(Job(delete_old_records, every=EVERY))
row_deleters.register(RowDeleter(AuditRecord, delete_records_of))
signing_in.connect()

role_permissions.register(
    RolePermission(PERMISSION, "read and export the audit log", User.Role.OWNER)
)
panels.register(PANEL)
settings_pages.register(
    SettingsPage(
        "audit_list",
        "Audit log",
        "Who did what, when, and from where.",
        "clipboard-document-list",
        place=90,
        permission=PERMISSION,
    )
)


def _fields_of(model: type[Model], *others: str) -> tuple[str, ...]:
    """Return all fields of a form, without these, so that new settings are recorded too."""
    fields = (each for each in model._meta.concrete_fields if not each.primary_key)
    return tuple(each.name for each in fields if each.name not in others)


record_edits(Audited(Organization, "organization", _fields_of(Organization), is_named=True))
of_person = _fields_of(User, "password", "last_login", "date_joined", "theme")
record_edits(Audited(User, "user", of_person, is_named=True))
record_edits(Audited(Invitation, "invitation", ("email", "role", "withdrawn")))
record_edits(Audited(Group, "group", fields=("name",)))
record_edits(Audited(SavedView, "saved view", fields=("name", "query", "shared")))
for model in (AccessAttempt, AccessFailureLog, AccessLog):
    # django-axes writes and deletes them itself. Deleting one in the admin ends a lockout.
    noun = str(model._meta.verbose_name)
    record_edits(Audited(model, noun, actions=("", "", "deleted"), skip=is_outside_admin))
