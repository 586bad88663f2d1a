"""Find the numbers of existing texts on PostgreSQL, one organization after the other."""

from django.db import migrations

from smscenter.accounts.operations import RunFunction

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


def fill(connection):
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(FORMER)
        cursor.execute("SELECT id FROM accounts_organization ORDER BY id")
        organizations = [organization for (organization,) in cursor.fetchall()]
    for organization in organizations:
        with connection.cursor() as cursor:
            cursor.execute(FILL, [organization, organization])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0045_texted_numbers")]

    operations = [RunFunction(fill)]
