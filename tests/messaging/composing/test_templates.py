"""Templates fill in names, and are inserted into the composer."""

from typing import Any

import pytest
from django.test import Client

from leads.models import ContactPhone, CustomField, Lead
from messaging.composing import templates
from messaging.composing.templates import TemplateError, Writing
from messaging.models import MessageTemplate, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import form, post

pytestmark = pytest.mark.once


@pytest.fixture
def tags(lead: Lead) -> CustomField:
    lead.custom = {"Tags": "VIP"}
    lead.save()
    return CustomField.objects.create(organization=lead.organization, name="Tags")


@pytest.fixture
def writing(lead: Lead, phone: ContactPhone, rep: User, tags: CustomField) -> Writing:
    assert tags.name in lead.custom
    return Writing(lead, rep, phone.contact)


def template(organization: Organization, text: str, **fields: Any) -> MessageTemplate:
    defaults = {"organization": organization, "name": "Follow-up", "text": text}
    return MessageTemplate.objects.create(**defaults | fields)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Hi {{ contact.first_name|there }}!", "Hi Ada!"),
        ("Hi {{contact.name}}!", "Hi Ada Baker!"),
        ("{{ user.first_name|Your rep }} of {{ organization.name }}", "Your rep of Acme"),
        ("{{ user.name| }}.", "."),
        ("{{ lead.name }}: {{ lead.Tags }}, {{ lead.tags }}", "Bluebird Bakery: VIP, VIP"),
        ("{% now %} {x} {{ lead.name|{{ }}", None),
        ("No placeholders, {x} 5 < 6 | 7", "No placeholders, {x} 5 < 6 | 7"),
    ],
)
def test_placeholders_are_replaced(writing: Writing, text: str, rendered: str | None) -> None:
    row = template(writing.lead.organization, text)
    if rendered is None:
        with pytest.raises(TemplateError):
            templates.render(row, writing)
    else:
        assert templates.render(row, writing) == rendered


def test_values_are_not_templates(writing: Writing) -> None:
    writing.lead.name = "{{ user.name }}"
    assert templates.render(template(writing.lead.organization, "{{ lead.name }}"), writing) == (
        "{{ user.name }}"
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hi {{ user.first_name }}", "{{ user.first_name }} has no value here."),
        ("Hi {{ contact.phone }}", "{{ contact.phone }} isn't a placeholder."),
        ("Hi {{ lead.Color }}", "{{ lead.Color }} isn't a placeholder."),
        ("Hi {{ user.password }}", "{{ user.password }} isn't a placeholder."),
        ("Hi {{ contact.name", "{{ isn't a complete placeholder"),
        ("Hi {contact}", "{contact} isn't a complete placeholder"),
        ("Hi {{ }}", "{{ }} isn't a placeholder."),
    ],
)
def test_missing_and_unknown_placeholders_are_named(
    writing: Writing, text: str, named: str
) -> None:
    with pytest.raises(TemplateError) as error:
        templates.render(template(writing.lead.organization, text), writing)
    assert named in str(error.value)


def insert(
    client: Client,
    lead: Lead,
    phone: ContactPhone,
    sender: SenderNumber,
    row: MessageTemplate,
    *,
    htmx: bool = True,
    text: str = "",
) -> Any:
    data = form(phone, sender, template=row.pk, text=text)
    return post(client, lead, "template", data, htmx=htmx)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_template_is_inserted_and_recorded(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, htmx: bool
) -> None:
    row = template(lead.organization, "Hi {{ contact.first_name|there }}, a “hello”")
    page = html_of(as_rep.get(lead.get_absolute_url()))
    assert "Follow-up</option>" in page
    response = insert(as_rep, lead, phone, sender, row, htmx=htmx, text="First.")
    assert "First.\nHi Ada, a “hello”</textarea>" in response.content.decode()
    assert f'name="inserted" value="{row.pk}"' in html_of(response)
    post(as_rep, lead, "new", form(phone, sender, text="Hi Ada", inserted=row.pk))
    assert SmsMessage.objects.get().template == row


def test_a_missing_value_keeps_what_was_typed(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    row = template(lead.organization, "This is {{ user.first_name }}")
    html = html_of(insert(as_rep, lead, phone, sender, row, text="Typed"))
    assert "Can&#x27;t insert “Follow-up”: {{ user.first_name }} has no value here." in html
    assert "Typed</textarea>" in html
    post(as_rep, lead, "new", form(phone, sender, template=row.pk))
    assert SmsMessage.objects.get().template is None


def test_only_shared_and_own_templates_are_offered(
    as_rep: Client,
    lead: Lead,
    phone: ContactPhone,
    sender: SenderNumber,
    colleague: User,
    stranger: User,
) -> None:
    assert stranger.organization is not None
    assert "Insert" not in html_of(as_rep.get(lead.get_absolute_url()))
    template(lead.organization, "Own", name="Own", owner=lead.owner)
    hidden = [
        template(lead.organization, "Secret", name="Private", owner=colleague),
        template(stranger.organization, "Secret", name="Foreign"),
    ]
    html = html_of(as_rep.get(lead.get_absolute_url()))
    assert "Own</option>" in html
    for row in hidden:
        assert row.name not in html
        assert "Secret" not in html_of(insert(as_rep, lead, phone, sender, row))
        data = form(phone, sender, text=row.name, inserted=row.pk)
        assert post(as_rep, lead, "new", data).status_code == 422


def test_the_admin_refuses_unknown_placeholders(client: Client, lead: Lead) -> None:
    client.force_login(factories.user(None, "susan", is_staff=True, is_superuser=True))
    data = {"organization": lead.organization_id, "name": "Hello", "text": "Hi {{ lead.Color }}"}
    url = "/admin/messaging/messagetemplate/add/"
    response = client.post(url, data)
    assert "{{ lead.Color }} isn&#x27;t a placeholder." in html_of(response)
    CustomField.objects.create(organization=lead.organization, name="Color")
    assert client.post(url, data).status_code == 302
    row = MessageTemplate.objects.get()
    url = f"/admin/messaging/messagetemplate/{row.pk}/change/"
    response = client.post(url, {"name": "Hello", "text": "Hi {{ nobody }}"})
    assert "{{ nobody }} isn&#x27;t a placeholder." in html_of(response)
