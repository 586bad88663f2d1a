from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript, SameOrganization

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0001_initial"),
        ("search", "0002_search_words"),
    ]

    operations = [
        SameOrganization(child="leads_lead", column="status_id", parent="leads_leadstatus"),
        SameOrganization(child="leads_contact", column="lead_id", parent="leads_lead"),
        SameOrganization(child="leads_address", column="lead_id", parent="leads_lead"),
        SameOrganization(child="leads_note", column="lead_id", parent="leads_lead"),
        SameOrganization(child="leads_deletednote", column="lead_id", parent="leads_lead"),
        SameOrganization(child="leads_contactphone", column="contact_id", parent="leads_contact"),
        SameOrganization(child="leads_contactemail", column="contact_id", parent="leads_contact"),
        RunScript(
            sqlite=HERE / "triggers_sqlite.sql",
            postgresql=HERE / "triggers_postgresql.sql",
        ),
        # SQLite reads the rows of one organization: see search/words/text_lookups.py.
        RunScript(postgresql=HERE / "search_indexes_postgresql.sql"),
    ]
