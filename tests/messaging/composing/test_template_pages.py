"""Managers change the organization's templates, and everyone their own."""

from typing import Any

import pytest
from django.test import Client

from leads.models import ContactPhone, CustomField, Lead
from messaging.models import MessageTemplate, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import HTMX, form, post

pytestmark = pytest.mark.once

NEW = "/templates/new/"


@pytest.fixture
def as_manager(rep: User) -> Client:
    client = Client()
    client.force_login(factories.user(rep.organization, "mona", role=User.Role.MANAGER))
    return client


def template(organization: Organization, name: str, **fields: Any) -> MessageTemplate:
    defaults = {"organization": organization, "name": name, "text": f"{name}!"}
    return MessageTemplate.objects.create(**defaults | fields)


def page(row: MessageTemplate, name: str) -> str:
    return f"/templates/{row.pk}/{name}/"


def test_a_manager_adds_a_template_and_a_rep_uses_it(
    as_manager: Client, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    assert "No templates yet." in html_of(as_manager.get("/templates/"))
    text = "Hi {{ contact.first_name|there }},\r\nany questions?"
    data = {"name": "Check-in", "text": text, "shared": "on"}
    assert "Saved “Check-in”." in html_of(as_manager.post(NEW, data, follow=True))
    row = MessageTemplate.objects.get()
    assert row.owner is None
    html = html_of(as_rep.get(lead.get_absolute_url()))
    assert "Check-in</option>" in html
    assert '<a class="quiet" href="/templates/">Edit templates</a>' in html
    inserted = post(as_rep, lead, "template", form(phone, sender, template=row.pk, text=""))
    assert "Hi Ada,\nany questions?</textarea>" in inserted.content.decode()


def test_a_reps_template_is_their_own(as_rep: Client, as_manager: Client, rep: User) -> None:
    assert "Share with your organization" not in html_of(as_rep.get(NEW))
    as_rep.post(NEW, {"name": "Mine", "text": "Hello", "shared": "on"})
    row = MessageTemplate.objects.get()
    assert row.owner == rep
    assert "Mine" not in html_of(as_manager.get("/templates/"))
    for name in ("edit", "move", "archive", "restore"):
        assert as_manager.post(page(row, name)).status_code == 404
    # So a colleague's name for it is free.
    as_manager.post(NEW, {"name": "Mine", "text": "Hello"})
    assert MessageTemplate.objects.filter(name="Mine").count() == 2


def test_reps_read_shared_templates_only(as_rep: Client, organization: Organization) -> None:
    row = template(organization, "Follow-up")
    html = html_of(as_rep.get("/templates/"))
    assert "Managers can change these." in html
    assert "Follow-up!" in html
    assert page(row, "edit") not in html
    assert as_rep.get(page(row, "edit")).status_code == 403
    for name in ("edit", "move", "archive", "restore"):
        assert as_rep.post(page(row, name), {"name": "x", "text": "y"}).status_code == 403


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"text": "Hi {{ nobody }}"}, "{{ nobody }} isn&#x27;t a placeholder."),
        ({"text": "Hi {{ lead.Color }}"}, "{{ lead.Color }} isn&#x27;t a placeholder."),
        ({"text": "Hi {{ lead.name"}, "{{ isn&#x27;t a complete placeholder"),
        ({"text": " \n"}, "Write a text."),
        ({"name": ""}, "Enter a name."),
        ({"name": "follow-UP"}, "There&#x27;s already a template with this name."),
        ({"name": "Old"}, "An archived template has this name."),
    ],
)
def test_mistakes_are_explained(
    as_manager: Client, organization: Organization, data: dict[str, str], message: str
) -> None:
    template(organization, "Follow-up")
    template(organization, "Old").archive()
    defaults = {"name": "New one", "text": "Hello", "shared": "on"}
    response = as_manager.post(NEW, defaults | data)
    assert response.status_code == 422
    assert message in html_of(response)
    assert MessageTemplate.objects.count() == 2


def test_the_preview_has_values_and_names_what_may_be_missing(
    as_manager: Client, organization: Organization
) -> None:
    CustomField.objects.create(organization=organization, name="Plan")
    CustomField.objects.create(organization=organization, name="Renewal", kind="date")
    html = html_of(as_manager.get(NEW))
    assert "{{ contact.first_name|there }}" in html
    assert "{{ lead.Renewal }}" in html
    text = "Hi {{ contact.first_name|there }}, {{ lead.Plan }} ends {{ lead.Renewal }}."
    data = {"name": "", "text": text, "preview": "yes"}
    response = as_manager.post(NEW, data, headers=HTMX)
    html = html_of(response)
    assert "Hi Ada, Plan ends Jan 15, 2030." in html
    assert "1 segment" in html
    assert "{{ lead.Plan }} has no value here." in html
    assert "<html" not in html
    assert "<html" in html_of(as_manager.post(NEW, data))
    assert not MessageTemplate.objects.exists()


def test_templates_are_moved_archived_and_restored(
    as_manager: Client, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    first, second = (
        template(lead.organization, name, position=position)
        for position, name in enumerate(["Zeta", "Alpha"])
    )

    def offered() -> list[str]:
        html = html_of(as_rep.get(lead.get_absolute_url()))
        return sorted(("Zeta", "Alpha"), key=lambda name: html.find(f"{name}</option>"))

    assert offered() == ["Zeta", "Alpha"]
    as_manager.post(page(second, "move"), {"to": "up"})
    assert offered() == ["Alpha", "Zeta"]
    data = form(phone, sender, text="Zeta!", inserted=first.pk)
    assert post(as_rep, lead, "new", data).status_code == 200
    html = html_of(as_manager.post(page(first, "archive"), follow=True))
    assert "Archived “Zeta”. You can restore it below." in html
    assert "Zeta</option>" not in html_of(as_rep.get(lead.get_absolute_url()))
    assert "Restore<" not in html_of(as_rep.get("/templates/"))
    assert SmsMessage.objects.get().template == first
    as_manager.post(page(first, "restore"))
    assert offered() == ["Alpha", "Zeta"]
