from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers, SameOrganization


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_rollups_updates")]

    operations = [
        KeepTriggers(
            [
                migrations.AddConstraint(
                    model_name='attempt',
                    constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['', 'not_sms_capable', 'unsupported_country', 'spam', 'unknown', 'unreachable', 'invalid_number', 'opted_out', 'recipient_blocked', 'unregistered_sender', 'sender_config', 'rate_limit', 'carrier_outage', 'too_long', 'content_invalid', 'insufficient_funds', 'expired', 'fraud_block', 'quiet_hours'])), name='attempt_reason'),
                ),
                migrations.AddConstraint(
                    model_name='attempt',
                    constraint=models.CheckConstraint(condition=models.Q(('receipt__in', ['', 'accepted', 'delivered', 'failed'])), name='attempt_receipt'),
                ),
                migrations.AddConstraint(
                    model_name='messagetemplate',
                    constraint=models.UniqueConstraint(fields=('id', 'organization'), name='template_organization'),
                ),
            ]
        ),
        SameOrganization(
            child="messaging_smsmessage", column="template_id", parent="messaging_messagetemplate"
        ),
        SameOrganization(
            child="messaging_optout", column="sender_id", parent="messaging_sendernumber"
        ),
        SameOrganization(
            child="messaging_optout", column="message_id", parent="messaging_smsmessage"
        ),
    ]
