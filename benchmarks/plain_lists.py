"""Lists of leads and texts as in a tutorial, to compare ours with: the same rows and columns.

They have no search and no filters, and no base page either. With `?base`, they have ours.
`urlpatterns` adds them to the project's.
"""

from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from django.views.generic import ListView

from leads.models import Lead
from messaging.models import SmsMessage
from smscenter.urls import urlpatterns as pages

LEADS = """<!doctype html><title>Leads</title>
<table>
  {% for lead in object_list %}
    <tr>
      <td><input type="checkbox" name="ids" value="{{ lead.pk }}" aria-label="Select {{ lead.name }}"></td>
      <th>{{ lead.owner.get_full_name }} <a href="{% url 'lead_detail' lead.pk %}" title="{{ lead.name }}">{{ lead.name }}</a></th>
      <td>
        {% with text=lead.messages.all.0 %}
          {% if text %}
            {% if text.direction == "incoming" %}Received: {% endif %}{{ text.text|truncatechars:120 }}
          {% else %}No SMS sent{% endif %}
        {% endwith %}
        {% if lead.latest_sms_status == "error" %}
          <a href="{% url 'lead_detail' lead.pk %}#message-{{ lead.latest_sms_id }}">error</a>
        {% else %}{{ lead.get_latest_sms_status_display }}{% endif %}
      </td>
      <td>{{ lead.failed_sms_count }}</td>
      <td><a href="{% url 'lead_edit' lead.pk %}" aria-label="Change status of {{ lead.name }}">{{ lead.status.label }}</a></td>
      <td><time datetime="{{ lead.last_activity_at|date:'c' }}">{{ lead.last_activity_at|date:"N j, Y" }}</time></td>
    </tr>
  {% endfor %}
</table>
{% if page_obj.has_next %}<a href="?page={{ page_obj.next_page_number }}">Next</a>{% endif %}
"""  # noqa: E501

MESSAGES = """<!doctype html><title>Messages</title>
<table>
  {% for text in object_list %}
    <tr>
      <td><input type="checkbox" name="ids" value="{{ text.pk }}" aria-label="Select the text to {{ text.lead.name }}"></td>
      <th>
        {% if text.direction == "incoming" %}Received: {% endif %}
        <a href="{% url 'message_detail' text.pk %}">{{ text.text|truncatechars:120 }}</a>
        {% if text.status == "error" %}
          <a href="{% url 'lead_detail' text.lead_id %}#message-{{ text.pk }}">error</a> {{ text.get_reason_display }}
        {% else %}{{ text.get_status_display }}{% endif %}
      </th>
      <td><a href="{% url 'lead_detail' text.lead_id %}">{{ text.lead.name }}</a></td>
      <td>{{ text.number.formatted }}</td>
      <td>{% if text.direction == "incoming" %}{{ text.contact.name }}{% else %}{{ text.user.get_full_name }}{% endif %}</td>
      <td><time datetime="{{ text.created|date:'c' }}">{{ text.created|date:"N j, Y" }}</time></td>
    </tr>
  {% endfor %}
</table>
{% if page_obj.has_next %}<a href="?page={{ page_obj.next_page_number }}">Next</a>{% endif %}
"""  # noqa: E501


class PlainList(ListView):  # type: ignore[type-arg]
    paginate_by = 50
    source = ""

    def render_to_response(self, context: dict[str, Any], **_options: Any) -> HttpResponse:
        if "base" in self.request.GET:
            return HttpResponse(_parsed(_in_base(self.source)).render(context, self.request))
        return HttpResponse(_parsed(self.source).render(context, self.request))


def _in_base(source: str) -> str:
    """Return a plain page with our navigation, dialogs, and scripts around it."""
    content = source.partition("</title>")[2]
    return f'{{% extends "base.html" %}}{{% block content %}}{content}{{% endblock %}}'


@cache
def _parsed(source: str) -> Any:
    return engines["django"].from_string(source)


class PlainLeads(PlainList):
    source = LEADS

    def get_queryset(self) -> QuerySet[Lead]:
        rows = Lead.objects.filter(organization=self.request.user.organization_id)  # type: ignore[union-attr]
        rows = rows.select_related("status", "owner").prefetch_related("messages")
        return rows.order_by("-last_activity_at", "-pk")


class LeadsOneByOne(PlainLeads):
    """The same without prefetching: each row has a query of its own."""

    def get_queryset(self) -> QuerySet[Lead]:
        return super().get_queryset().prefetch_related(None)


class PlainMessages(PlainList):
    source = MESSAGES

    def get_queryset(self) -> QuerySet[SmsMessage]:
        rows = SmsMessage.objects.filter(organization=self.request.user.organization_id)  # type: ignore[union-attr]
        return rows.select_related("lead", "contact", "user").order_by("-created", "-pk")


urlpatterns = [
    path("plain/leads/", PlainLeads.as_view(), name="plain_leads"),
    path("plain/leads/one-by-one/", LeadsOneByOne.as_view(), name="plain_leads_one_by_one"),
    path("plain/messages/", PlainMessages.as_view(), name="plain_messages"),
    *pages,
]
