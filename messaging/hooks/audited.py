"""What the audit log records of texts, numbers, opt-outs, and the code map. No texts themselves."""

from messaging.models import (
    BulkSend,
    CarrierCode,
    Consent,
    MessageTemplate,
    OptOut,
    Recipient,
    SenderNumber,
    Thread,
)
from smscenter.audit.actions import Action, actions
from smscenter.audit.edits import record_edits
from smscenter.audit.objects import Audited

for name, label, sentence in (
    ("opted_out", "Opt-out recorded", "recorded an opt-out of {object}"),
    ("opt_out_decided", "Opt-out reviewed", "decided about a text of {object}: {note}"),
    ("consented", "Consent recorded", "recorded consent of {object}"),
    ("phone_verified", "Phone verified", "verified the phone {object}"),
    ("phone_removed", "Phone removed", "removed the phone {object}"),
    ("bulk_created", "Bulk send created", "created {object}"),
    ("bulk_moved", "Bulk send changed", "{note} {object}"),
    ("assigned", "Assigned", "changed {fields} of {object}"),
    (
        "settled",
        "Unconfirmed text decided",
        "decided about {object}, unconfirmed: {note}",
    ),
):
    actions.register(Action(name, label, sentence))

record_edits(
    Audited(
        SenderNumber,
        "sender number",
        fields=("phone", "country", "carrier", "account", "label", "owner", "messaging_service",
                "active", "rate"),
        page="sender_detail",
    )
)  # fmt: skip
record_edits(
    Audited(
        MessageTemplate,
        "template",
        fields=("name", "text", "owner", "archived"),
        page="template_edit",
    )
)
record_edits(
    Audited(
        OptOut,
        "opt-out",
        fields=("source", "certain"),
        name=lambda opt_out: opt_out.recipient.number.formatted,
        is_named=True,
        actions=("opted_out", "changed", "deleted"),
    )
)
record_edits(
    Audited(
        Consent,
        "consent",
        fields=("given", "method", "place", "page", "version"),
        name=lambda consent: consent.recipient.number.formatted,
        is_named=True,
        actions=("consented", "", "deleted"),
    )
)
record_edits(
    Audited(
        Recipient,
        "number",
        fields=("capability", "capability_note"),
        name=lambda recipient: recipient.number.formatted,
        actions=("", "changed", "deleted"),
    )
)
record_edits(Audited(Thread, "conversation", page="thread_detail", actions=("", "", "")))
record_edits(
    Audited(
        CarrierCode,
        "carrier code",
        fields=("reason", "retry", "title", "fix", "known"),
    )
)
record_edits(
    Audited(
        BulkSend,
        "bulk send",
        fields=("total", "sender", "template", "query", "pace"),
        name=lambda bulk: f"{bulk.pk}",
        page="bulk_detail",
        actions=("bulk_created", "", "deleted"),
    )
)
