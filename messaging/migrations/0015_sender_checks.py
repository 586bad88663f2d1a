from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):
    # Apart from the new values: PostgreSQL can't alter a table whose rows just changed.

    dependencies = [
        ("messaging", "0014_sender_registration"),
    ]

    operations = [
        KeepTriggers([
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.CheckConstraint(condition=models.Q(('daily_cap', None), ('daily_cap__gt', 0), _connector='OR'), name='sender_daily_cap'),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.CheckConstraint(condition=models.Q(('registration', ''), models.Q(models.Q(models.Q(('brand_status', 'approved'), ('campaign_status', 'approved'), ('registration', '10dlc')), models.Q(('registration__in', ['toll_free', 'short_code']), ('verification_status', 'approved')), _connector='OR'), ('registered', True)), models.Q(models.Q(models.Q(('brand_status', 'approved'), ('campaign_status', 'approved'), ('registration', '10dlc')), models.Q(('registration__in', ['toll_free', 'short_code']), ('verification_status', 'approved')), _connector='OR', _negated=True), ('registered', False)), _connector='OR'), name='sender_registered'),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.CheckConstraint(condition=models.Q(('brand_status__in', ['not_submitted', 'in_review', 'approved', 'rejected', 'suspended'])), name='sender_brand_status'),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.CheckConstraint(condition=models.Q(('campaign_status__in', ['not_submitted', 'in_review', 'approved', 'rejected', 'suspended'])), name='sender_campaign_status'),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.CheckConstraint(condition=models.Q(('verification_status__in', ['not_submitted', 'in_review', 'approved', 'rejected', 'suspended'])), name='sender_verification_status'),
            ),
        ]),
    ]
