"""What texts add to the list of leads, to a lead's page, and to what people do with leads."""

from leads.changing.bulk_changes import bulk_kinds
from leads.changing.deleting import when_deleted
from leads.page import ActivityKind, Panel, activities, panels, phone_facts
from leads.rows.list_marks import LatestSmsMark, RowDetail, latest_sms_marks, row_details
from messaging.composing.composer import composer_for
from messaging.composing.phone_facts import facts
from messaging.diagnosis.announcement import announce
from messaging.diagnosis.rows import list_labels
from messaging.diagnosis.rows.last_texts import last_texts
from messaging.diagnosis.rows.timeline_rows import TimelineText
from messaging.models import SmsMessage
from messaging.models.message import prefetched_in_timeline
from messaging.outgoing import corrections, handled, schedule
from search.answering.list_actions import ListAction, list_actions
from smscenter.undo import Act, acts

activities.register(
    ActivityKind(
        name="message",
        rows=lambda lead: SmsMessage.objects.for_rows().filter(lead=lead),
        template="messaging/_message.html",
        is_pending=lambda message: message.is_pending(),
        version=lambda message: message.version,
        announce=announce,
        author=lambda message: message.user_id,
        run=lambda message: message.run,
        prepare=TimelineText,
        may_exist=lambda lead: lead.sms_count > 0,
        is_prepared=True,
        prefetch=prefetched_in_timeline,
    )
)
panels.register(Panel("messaging/_composer.html", composer_for))
phone_facts.register(facts)
row_details.register(RowDetail("last_text", last_texts))
latest_sms_marks.register(
    LatestSmsMark(list_labels.unconfirmed_leads, "messaging/_unconfirmed_mark.html")
)
latest_sms_marks.register(LatestSmsMark(list_labels.waiting_leads, "messaging/_waiting_mark.html"))

list_actions.register(ListAction("lead", "messaging/_bulk_send_action.html", "bulk_new"))
list_actions.register(ListAction("message", "messaging/_bulk_resend_action.html", "bulk_new"))
list_actions.register(ListAction("message", "messaging/_handled_action.html", "message_change"))

when_deleted.register(schedule.withdraw)
for kind in handled.KINDS:
    bulk_kinds.register(kind)
acts.register(Act("cancellation", schedule.schedule_again))
acts.register(Act("correction", corrections.undo_in_notice))
acts.register(Act("handled", handled.reopen_one))
