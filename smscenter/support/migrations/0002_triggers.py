from django.db import migrations

from smscenter.accounts.operations import SameOrganization


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0001_initial"),
        ("messaging", "0002_triggers"),
    ]

    operations = [
        SameOrganization(
            child="support_request", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="support_requestmessage", column="request_id", parent="support_request"
        ),
        SameOrganization(
            child="support_requestmessage", column="message_id", parent="messaging_smsmessage"
        ),
        SameOrganization(
            child="support_requestevent", column="request_id", parent="support_request"
        ),
        SameOrganization(child="support_evidence", column="request_id", parent="support_request"),
        SameOrganization(child="support_mail", column="request_id", parent="support_request"),
        SameOrganization(child="support_mail", column="event_id", parent="support_requestevent"),
        SameOrganization(
            child="support_whitelisting", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="support_whitelisting", column="request_id", parent="support_request"
        ),
    ]
