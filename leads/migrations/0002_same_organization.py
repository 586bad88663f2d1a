from django.db import migrations

from smscenter.accounts.operations import SameOrganization


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial")]

    operations = [
        SameOrganization(child="leads_lead", column="status_id", parent="leads_leadstatus"),
        SameOrganization(child="leads_contact", column="lead_id", parent="leads_lead"),
        SameOrganization(child="leads_address", column="lead_id", parent="leads_lead"),
        SameOrganization(child="leads_note", column="lead_id", parent="leads_lead"),
        SameOrganization(child="leads_contactphone", column="contact_id", parent="leads_contact"),
        SameOrganization(child="leads_contactemail", column="contact_id", parent="leads_contact"),
    ]
