from django.db import migrations

from smscenter.accounts.operations import SameOrganization


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("leads", "0002_same_organization")]

    operations = [
        SameOrganization(child="messaging_smsmessage", column="lead_id", parent="leads_lead"),
        SameOrganization(child="messaging_smsmessage", column="contact_id", parent="leads_contact"),
        SameOrganization(
            child="messaging_smsmessage", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="messaging_attempt", column="message_id", parent="messaging_smsmessage"
        ),
        SameOrganization(
            child="messaging_optout", column="recipient_id", parent="messaging_recipient"
        ),
        SameOrganization(
            child="messaging_consent", column="recipient_id", parent="messaging_recipient"
        ),
    ]
