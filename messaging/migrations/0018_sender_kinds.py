from django.db import migrations, models
from django.db.models import functions, lookups

from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0017_templates_in_order'),
    ]

    operations = [
        KeepTriggers([
            migrations.RemoveConstraint(
                model_name='sendernumber',
                name='sender_number_e164',
            ),
            migrations.AddField(
                model_name='sendernumber',
                name='country',
                field=models.CharField(blank=True, choices=[('US', 'United States'), ('CA', 'Canada')], db_default='', default='', help_text='Only for a short code: the country whose phones it can text.', max_length=2),
            ),
            migrations.AlterField(
                model_name='sendernumber',
                name='phone',
                field=models.CharField(help_text='A phone number in any format, a short code, or a name.', max_length=16),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('country', ''), ('phone__startswith', '+')), models.Q(models.Q(('country__in', ('US', 'CA'))), lookups.GreaterThan(functions.Length('phone'), 4), lookups.LessThan(functions.Length('phone'), 7)), models.Q(('country', ''), models.Q(lookups.Exact(functions.Lower('phone'), functions.Upper('phone')), _negated=True)), _connector='OR'), name='sender_number_form'),
            ),
        ]),
    ]
