from django.conf import settings
from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_organization_quiet_hours'),
        ('messaging', '0016_failed_texts_by_sender'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='messagetemplate',
            options={'ordering': ['position', 'name', 'id']},
        ),
        KeepTriggers([
            migrations.RemoveConstraint(
                model_name='messagetemplate',
                name='template_name',
            ),
            migrations.AddField(
                model_name='messagetemplate',
                name='archived',
                field=models.DateTimeField(blank=True, help_text="The composer doesn't offer archived templates.", null=True),
            ),
            migrations.AddField(
                model_name='messagetemplate',
                name='position',
                field=models.PositiveSmallIntegerField(db_default=0, default=0),
            ),
            migrations.AddConstraint(
                model_name='messagetemplate',
                constraint=models.UniqueConstraint(condition=models.Q(('owner', None)), fields=('organization', 'name'), name='template_name'),
            ),
            migrations.AddConstraint(
                model_name='messagetemplate',
                constraint=models.UniqueConstraint(fields=('owner', 'name'), name='template_own_name'),
            ),
        ]),
    ]
