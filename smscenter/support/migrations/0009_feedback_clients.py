from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0008_support_reads_codes")]

    operations = [
        migrations.AddField(
            model_name="feedback",
            name="client",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client", ""), _negated=True),
                fields=("client", "article"),
                name="feedback_client",
            ),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["created"], name="feedback_created"),
        ),
    ]
