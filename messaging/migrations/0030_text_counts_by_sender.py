"""Tell sender numbers apart in the counts of all users together, for pages without filters."""

from django.db import migrations

COUNTS = (
    "sent, failed, received, sent_segments, failed_segments, extra_segments, handled, handled_seconds"
)
SUMS = ", ".join(f"SUM({name})" for name in COUNTS.split(", "))
# In the order of days, because pages read days.
FORWARDS = [
    """DELETE FROM messaging_textcount
    WHERE span IN ('all_day', 'all_month') AND "by" IN ('all', 'reason')""",
    f"""INSERT INTO messaging_textcount
        (organization_id, span, day, "by", value, sender_id, {COUNTS})
    SELECT organization_id, 'all_' || span, day, "by", value, sender_id, {SUMS}
    FROM messaging_textcount WHERE span IN ('day', 'month') AND "by" IN ('all', 'reason')
    GROUP BY organization_id, span, day, "by", value, sender_id
    ORDER BY organization_id, span, day""",
]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0029_smaller_indexes")]

    # The code before adds up the same rows.
    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
