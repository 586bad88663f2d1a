"""Find the numbers of existing texts on PostgreSQL, one organization after the other."""

from django.db import migrations

FILL = """
    INSERT INTO messaging_textednumber (organization_id, phone)
    SELECT organization_id, remote_phone FROM messaging_smsmessage
     WHERE organization_id = %s AND remote_phone <> ''
     GROUP BY organization_id, remote_phone
    EXCEPT
    SELECT organization_id, phone FROM messaging_textednumber WHERE organization_id = %s
"""
FORMER = """
    INSERT INTO messaging_formersender (organization_id, phone)
    SELECT organization_id, local_phone FROM messaging_smsmessage
     WHERE sender_id IS NULL AND local_phone <> ''
    EXCEPT
    SELECT organization_id, phone FROM messaging_formersender
"""


def fill(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    organizations = apps.get_model("accounts", "Organization").objects.order_by("pk")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FORMER)
    for organization in list(organizations.values_list("pk", flat=True)):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FILL, [organization, organization])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0043_texted_numbers")]

    operations = [migrations.RunPython(fill)]
