"""The indexes of texts. More, such as one of words, are made by migrations for PostgreSQL.

Almost all begin with the organization, so that a search reads the rows of one. Each costs time
whenever a text is stored, so those of few texts have a condition.
"""

from django.db.models import Index, Q

from search.answering.paging import Steps
from search.words.word_index import WordIndex

WORD_INDEX = WordIndex("messaging_words", "messaging_smsmessage", "search_words(text)")
# Few texts have more segments than two, or none because they're only a picture.
SEGMENT_STEPS = Steps("segments", common=(1, 2))

INDEXES = [
    Index(fields=["lead", "-created", "-id"], name="sms_lead_created"),
    Index(
        fields=["organization", "-created"],
        include=["lead", "direction", "status"],
        name="sms_org_created",
    ),
    Index(
        fields=["organization", "status", "created"],
        include=["lead", "direction"],
        condition=~Q(status__in=["sent", "inbox"]),
        name="sms_rare_status",
    ),
    Index(
        fields=["organization", "lead", "-created"],
        condition=Q(status="error"),
        name="sms_error_lead",
    ),
    # PostgreSQL looks up the beginning of a number only by these operators.
    Index(
        fields=["organization", "remote_phone", "-created"],
        opclasses=["int8_ops", "varchar_pattern_ops", "timestamptz_ops"],
        name="sms_remote_phone",
    ),
    Index(
        fields=["organization", "reason", "-created", "-id"],
        include=["lead"],
        condition=~Q(reason=""),
        name="sms_reason",
    ),
    Index(
        fields=["organization", "scheduled"],
        condition=Q(scheduled__isnull=False),
        name="sms_scheduled",
    ),
    Index(
        fields=["organization", "codes", "-created", "-id"],
        include=["lead"],
        condition=Q(codes__isnull=False),
        name="sms_codes",
    ),
    Index(
        fields=["organization", "-segments", "-created", "-id"],
        condition=SEGMENT_STEPS.rare,
        name="sms_rare_segments",
    ),
    Index(fields=["replaces"], condition=Q(replaces__isnull=False), name="sms_replaces"),
    # PostgreSQL's has its dates in the order of a page, with texts that weren't sent last.
    Index(fields=["organization", "sent"], name="sms_sent"),
    # Few texts have these. With the lead, for the leads that got a template.
    Index(
        fields=["template", "organization", "lead"],
        condition=Q(template__isnull=False),
        name="sms_template",
    ),
    Index(
        fields=["handled_by"],
        condition=Q(handled_by__isnull=False),
        name="sms_handled_by",
    ),
    # For statistics about a sender number.
    Index(
        fields=["sender", "created"],
        include=["status", "reason", "organization"],
        condition=Q(direction="outgoing"),
        name="sms_sender_created",
    ),
    Index(
        fields=["sender", "created", "reason", "status"],
        include=["organization"],
        condition=Q(status="error"),
        name="sms_error_sender",
    ),
]
