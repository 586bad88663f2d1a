import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_user_theme'),
        ('search', '0003_saved_view_columns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='savedview',
            name='saved_view_model',
        ),
        migrations.AlterField(
            model_name='savedview',
            name='model',
            field=models.CharField(choices=[('lead', 'Leads'), ('message', 'Messages'), ('request', 'Requests')], default='lead', max_length=10),
        ),
        migrations.AlterField(
            model_name='savedview',
            name='organization',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AlterField(
            model_name='savedview',
            name='shared',
            field=models.BooleanField(default=False, help_text='Visible to all colleagues.'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.CheckConstraint(condition=models.Q(('model__in', ['lead', 'message', 'request'])), name='saved_view_model'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('model', 'request'), ('organization', None)), models.Q(models.Q(('model', 'request'), _negated=True), ('organization__isnull', False)), _connector='OR'), name='saved_view_organization'),
        ),
    ]
