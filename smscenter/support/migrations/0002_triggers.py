from django.db import migrations

from smscenter.accounts.operations import SameOrganization


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0001_initial"),
        ("messaging", "0002_triggers"),
    ]

    operations = [
        SameOrganization(
            child="support_supportrequest", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="support_supportrequestmessage", column="request_id", parent="support_supportrequest"
        ),
        SameOrganization(
            child="support_supportrequestmessage", column="message_id", parent="messaging_smsmessage"
        ),
        SameOrganization(
            child="support_supportrequestevent", column="request_id", parent="support_supportrequest"
        ),
        SameOrganization(child="support_evidence", column="request_id", parent="support_supportrequest"),
        SameOrganization(child="support_mail", column="request_id", parent="support_supportrequest"),
        SameOrganization(child="support_mail", column="event_id", parent="support_supportrequestevent"),
        SameOrganization(
            child="support_whitelisting", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="support_whitelisting", column="request_id", parent="support_supportrequest"
        ),
    ]
