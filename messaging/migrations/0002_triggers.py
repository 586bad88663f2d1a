from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript, SameOrganization

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0001_initial"),
        ("leads", "0002_triggers"),
    ]

    operations = [
        SameOrganization(child="messaging_smsmessage", column="lead_id", parent="leads_lead"),
        SameOrganization(child="messaging_smsmessage", column="contact_id", parent="leads_contact"),
        SameOrganization(
            child="messaging_smsmessage", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="messaging_smsmessage", column="template_id", parent="messaging_messagetemplate"
        ),
        SameOrganization(
            child="messaging_attempt", column="message_id", parent="messaging_smsmessage"
        ),
        SameOrganization(
            child="messaging_optout", column="recipient_id", parent="messaging_recipient"
        ),
        SameOrganization(
            child="messaging_optout", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="messaging_optout", column="message_id", parent="messaging_smsmessage"
        ),
        SameOrganization(
            child="messaging_consent", column="recipient_id", parent="messaging_recipient"
        ),
        RunScript(
            sqlite=HERE / "triggers_sqlite.sql",
            postgresql=HERE / "triggers_postgresql.sql",
        ),
        # SQLite reads the rows of one organization: see search/words/text_lookups.py.
        RunScript(postgresql=HERE / "search_indexes_postgresql.sql"),
    ]
