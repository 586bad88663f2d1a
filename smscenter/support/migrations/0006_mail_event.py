from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers, SameOrganization


class Migration(migrations.Migration):
    dependencies = [("support", "0005_support_staff")]

    operations = [
        KeepTriggers(
            [
                migrations.AddConstraint(
                    model_name="requestevent",
                    constraint=models.UniqueConstraint(
                        fields=("id", "organization"), name="request_event_organization"
                    ),
                )
            ]
        ),
        SameOrganization(child="support_mail", column="event_id", parent="support_requestevent"),
    ]
