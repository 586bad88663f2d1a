"""Register what messaging adds to search, the lead page, and the worker."""

from django.db.models import QuerySet

from leads.changing.bulk_changes import bulk_kinds
from leads.changing.deleting import when_deleted
from leads.exports import exported_columns
from leads.imports.columns import column_groups
from leads.imports.kinds import import_kinds
from leads.page import ActivityKind, Panel, activities, panels, phone_facts
from leads.rows.list_marks import LatestSmsMark, RowDetail, latest_sms_marks, row_details
from messaging import (  # noqa: F401 - what the audit log records
    audited,
    beginning,
    closing,
    erasing,
    home,
    imports,
    notifications,
    overview,
    verifying,
)
from messaging.alerts import CHANGES_ALERTS, checking, notices, weekly
from messaging.bulk import work
from messaging.bulk.retention import delete_old_previews
from messaging.composing import pictures
from messaging.composing.composer import composer_for
from messaging.composing.phone_facts import facts
from messaging.deliverability import recounting
from messaging.deliverability.filter_form import SEES_ALL
from messaging.diagnosis import reclassifying, unclassified
from messaging.diagnosis.announcement import announce
from messaging.exports import OF_LEADS
from messaging.inbox import listing
from messaging.incoming import retention
from messaging.models import (
    Alert,
    AlertSettings,
    Attempt,
    BulkItem,
    BulkSend,
    Consent,
    MediaFile,
    MessageTemplate,
    OptOut,
    PhoneVerification,
    Recipient,
    SenderNumber,
    SmsMessage,
    TextCount,
    Thread,
    UnmatchedText,
    WeeklySummary,
)
from messaging.models.message import prefetched_in_timeline
from messaging.outgoing import handled, list_labels, outages, schedule
from messaging.permissions import MANAGE_SENDERS, SEND_TEXTS
from messaging.rows.last_texts import last_texts
from messaging.rows.timeline_rows import TimelineText
from messaging.vocabulary import messages  # which also adds fields to leads
from search.answering.list_actions import ListAction, list_actions
from search.words.vocabulary import vocabularies
from smscenter.accounts.destinations import Destination, destinations
from smscenter.accounts.first_steps import first_steps
from smscenter.accounts.handovers import Handover, handovers
from smscenter.accounts.home import Section, sections
from smscenter.accounts.models import Organization, User
from smscenter.accounts.organization_deletion import when_requested
from smscenter.accounts.overview import panels as overview_panels
from smscenter.accounts.profile_facts import profile_facts
from smscenter.accounts.roles import MANAGE_ORGANIZATION, RolePermission, role_permissions
from smscenter.accounts.settings_pages import SettingsPage, settings_pages
from smscenter.exports.tables import Table, tables
from smscenter.jobs import Job, jobs
from smscenter.notifications.kinds import Kind, MailChoice, kinds
from smscenter.retention import EVERY
from smscenter.undo import Act, acts

vocabularies.register(messages)
sections.register(
    Section(
        "failed",
        "Failed this week",
        "No texts failed in the last seven days.",
        "messaging/home/failed.html",
        home.failed,
        place=10,
    )
)
sections.register(
    Section(
        "replies",
        "Replies waiting",
        "No replies are waiting for you.",
        "messaging/home/reply.html",
        home.replies,
        place=20,
    )
)
sections.register(
    Section(
        "scheduled",
        "Scheduled",
        "No texts are scheduled.",
        "messaging/home/scheduled.html",
        home.scheduled,
        place=40,
        in_side=True,
    )
)
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
kinds.register(
    Kind(
        notifications.REPLY,
        "Replies from your leads, or to your texts",
        "chat-bubble-left",
        notifications.describe_replies,
        too_many="More than 100 replies arrived in an hour",
        all_page="message_list",
        mail=MailChoice.DIGEST,
        desktop=True,
    )
)
kinds.register(
    Kind(
        notifications.FAILURE,
        "Your failed texts",
        "exclamation-triangle",
        notifications.describe_failures,
        too_many="More than 100 texts failed in an hour",
        all_page="message_list",
        mail=MailChoice.DIGEST,
        desktop=True,
    )
)
kinds.register(
    Kind(
        notices.ALERT,
        "Alerts about failed and waiting texts",
        "chart-bar",
        notices.describe_alerts,
        too_many="More than 100 alerts in an hour",
        all_page="deliverability",
        mail=MailChoice.EACH,
        is_for=notices.is_for,
    )
)
kinds.register(
    Kind(
        notices.WEEKLY,
        "Weekly summary of texts",
        "chart-bar",
        notices.describe_weeks,
        too_many="More than 100 weekly summaries",
        all_page="deliverability",
        mail=MailChoice.EACH,
        is_for=notices.is_for,
    )
)
kinds.register(
    Kind(
        notifications.FAILED_BULK,
        "Your bulk sends with failed texts",
        "exclamation-triangle",
        notifications.describe_bulks,
        too_many="Texts failed in more than 100 of your bulk sends",
        all_page="bulk_list",
        settings_of=notifications.FAILURE,
    )
)
destinations.register(
    Destination("thread_list", "Inbox", "inbox", key="i", place=20, badge=listing.unread_count)
)
destinations.register(
    Destination("message_list", "Messages", "chat-bubble-left-right", key="m", place=40)
)
settings_pages.register(
    SettingsPage(
        "texting_settings",
        "Texting rules",
        "Countries, quiet hours, and automatic replies.",
        "chat-bubble-bottom-center-text",
        place=30,
        permission=MANAGE_ORGANIZATION,
    )
)
settings_pages.register(
    SettingsPage(
        "sender_list", "Sender numbers", "Registration, owners, and failed texts.", "phone", 40
    )
)
settings_pages.register(
    SettingsPage("template_list", "Templates", "Texts you send often.", "document-text", place=60)
)
settings_pages.register(
    SettingsPage(
        "alert_settings",
        "Alerts",
        "When too many texts fail or wait.",
        "bell-alert",
        place=70,
        permission=CHANGES_ALERTS,
    )
)
destinations.register(
    Destination(
        "deliverability", "Deliverability", "chart-bar", key="d", place=45, is_for=notices.is_for
    )
)
destinations.register(Destination("sender_list", "Sender numbers", "phone", key="s"))
destinations.register(Destination("template_list", "Templates", "document-text"))
destinations.register(Destination("unconfirmed_list", "Unconfirmed texts", "question-mark-circle"))
destinations.register(Destination("opt_out_list", "Opt-outs", "no-symbol"))
destinations.register(Destination("bulk_list", "Bulk sends", "paper-airplane"))
column_groups.register(imports.COLUMNS)
import_kinds.register(imports.OPT_OUTS)
panels.register(Panel("messaging/_composer.html", composer_for))
phone_facts.register(facts)
for column in OF_LEADS:
    exported_columns.register(column)
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

jobs.register(Job(schedule.withdraw_deleted, every=5))
jobs.register(Job(schedule.withdraw_closing, every=5))
when_requested.register(closing.stop_sending)
jobs.register(Job(erasing.erase_late_reports, every=EVERY))
jobs.register(Job(retention.delete_old_events, every=EVERY))
jobs.register(Job(delete_old_previews, every=EVERY))
jobs.register(Job(pictures.delete_unsent, every=EVERY))
jobs.register(Job(verifying.delete_old_codes, every=EVERY))
jobs.register(Job(reclassifying.update_texts, every=5))
jobs.register(Job(unclassified.remind, every=600))
jobs.register(Job(outages.notify_staff, every=10))
jobs.register(Job(work.run, every=0.5))
jobs.register(Job(recounting.recount_changed, every=10))
jobs.register(Job(checking.check_all, every=300))
jobs.register(Job(weekly.notify_all, every=600))

profile_facts.register(beginning.own_phone)
handovers.register(
    Handover(
        "conversation",
        lambda member: Thread.objects.of_assignee(member).count(),
        lambda member, to, _by: Thread.objects.of_assignee(member).update(assignee=to),
    )
)
for permission in (
    RolePermission(
        MANAGE_SENDERS, "add, change, and turn off sender numbers", least=User.Role.MANAGER
    ),
    RolePermission(SEND_TEXTS, "send texts, to one lead or many", User.Role.REP),
    RolePermission(
        "messaging.change_shared_templates",
        "change templates that everyone uses",
        User.Role.MANAGER,
    ),
    RolePermission(
        "messaging.stop_others_sends", "pause and stop bulk sends of others", User.Role.MANAGER
    ),
    RolePermission(CHANGES_ALERTS, "choose when there are alerts", User.Role.MANAGER),
    RolePermission(
        SEES_ALL, "see everyone's sent and failed texts, and what they cost", User.Role.MANAGER
    ),
    RolePermission(
        "messaging.end_opt_outs", "end an opt-out, with proof of consent", User.Role.MANAGER
    ),
):
    role_permissions.register(permission)
for panel in overview.PANELS:
    overview_panels.register(panel)
for step in beginning.first_steps():
    first_steps.register(step)
for name, model in {
    "sender_numbers": SenderNumber,
    "messages": SmsMessage,
    "message_attempts": Attempt,
    "message_files": MediaFile,
    "unknown_number_texts": UnmatchedText,
    "templates": MessageTemplate,
    "bulk_sends": BulkSend,
    "bulk_items": BulkItem,
    "inbox_threads": Thread,
    "alerts": Alert,
    "weekly_summaries": WeeklySummary,
    "recipients": Recipient,
    "opt_outs": OptOut,
    "consent": Consent,
}.items():
    tables.register(Table(name, model))
tables.register(
    Table(
        "verified_phones",
        PhoneVerification,
        columns=("id", "user_id", "phone", "verified"),
        rows=lambda organization: PhoneVerification.objects.visible_in(organization.pk).verified(),
    )
)


def _counts_of_days(organization: Organization) -> QuerySet[TextCount]:
    """Return the counts of days. Those of months add them up."""
    return TextCount.objects.filter(organization=organization, span=TextCount.Span.DAY)


tables.register(Table("text_counts", TextCount, rows=_counts_of_days))
tables.register(
    Table(
        "alert_settings",
        AlertSettings,
        rows=lambda own: AlertSettings.objects.filter(organization=own),
    )
)
