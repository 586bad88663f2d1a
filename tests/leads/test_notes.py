"""Only the author of a note and managers can edit it, and edits and deletions are visible."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead, Note
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of

HTMX = {"HX-Request": "true"}
SECRET = "Their card is 4242"


@pytest.fixture
def note(rep: User, lead: Lead) -> Note:
    return Note.objects.create(organization=lead.organization, lead=lead, user=rep, text=SECRET)


@pytest.fixture
def manager(rep: User) -> User:
    names = {"first_name": "Robin", "last_name": "Hale"}
    return factories.user(rep.organization, "robin", role=User.Role.MANAGER, **names)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, lead: Lead) -> str:
    return html_of(client.get(lead.get_absolute_url()))


def edit(client: Client, note: Note, text: str = "Call them", **options: Any) -> Any:
    return client.post(f"/notes/{note.pk}/edit/", {"text": text}, **options)


def delete(client: Client, note: Note, **options: Any) -> Any:
    return client.post(f"/notes/{note.pk}/delete/", **options)


@pytest.mark.once
def test_an_edit_by_the_author_is_shown(as_rep: Client, note: Note) -> None:
    assert "Edited by" not in page(as_rep, note.lead)
    html = edit(as_rep, note, headers=HTMX).content.decode()
    assert "Edited by rita" in html
    assert "Call them" in page(as_rep, note.lead)


@pytest.mark.once
def test_a_manager_edits_a_reps_note_under_their_own_name(manager: User, note: Note) -> None:
    edit(client_of(manager), note)
    html = page(client_of(manager), note.lead)
    assert '<strong>rita</strong><span class="visually-hidden"> wrote a note' in html
    assert "Edited by Robin Hale" in html


@pytest.mark.once
def test_saving_an_unchanged_note_is_not_an_edit(as_rep: Client, note: Note) -> None:
    edit(as_rep, note, SECRET)
    assert "Edited by" not in page(as_rep, note.lead)


@pytest.mark.once
@pytest.mark.parametrize("act", [edit, delete])
def test_a_colleague_cannot_change_or_delete_a_note(
    colleague: User, note: Note, act: Callable[..., Any]
) -> None:
    client = client_of(colleague)
    assert act(client, note).status_code == 403
    assert act(client, note, headers=HTMX).status_code == 403
    assert client.get(f"/notes/{note.pk}/edit/").status_code == 403
    assert Note.objects.get().text == SECRET


@pytest.mark.once
def test_only_users_who_can_edit_a_note_see_its_buttons(
    as_rep: Client, manager: User, colleague: User, note: Note
) -> None:
    url = f"/notes/{note.pk}/edit/"
    assert url in page(as_rep, note.lead)
    assert url in page(client_of(manager), note.lead)
    html = page(client_of(colleague), note.lead)
    assert SECRET in html
    assert url not in html
    assert f"/notes/{note.pk}/delete/" not in html
    alone = client_of(colleague).get(f"/notes/{note.pk}/", headers=HTMX).content.decode()
    assert url not in alone


@pytest.mark.once
def test_only_managers_edit_a_note_without_an_author(
    as_rep: Client, manager: User, note: Note
) -> None:
    Note.objects.update(user=None)
    assert edit(as_rep, note).status_code == 403
    assert edit(client_of(manager), note).status_code == 302


@pytest.mark.once
def test_a_manager_of_another_organization_gets_404(stranger: User, note: Note) -> None:
    User.objects.filter(pk=stranger.pk).update(role=User.Role.MANAGER)
    client = client_of(User.objects.get(pk=stranger.pk))
    assert edit(client, note).status_code == 404
    assert delete(client, note).status_code == 404


@pytest.mark.once
def test_a_deleted_note_leaves_a_record_without_its_text(
    as_rep: Client, manager: User, note: Note
) -> None:
    response = delete(client_of(manager), note, headers=HTMX)
    assert "timeline-changed" in response.headers["HX-Trigger-After-Settle"]
    html = page(as_rep, note.lead)
    assert SECRET not in html
    assert "<strong>Robin Hale</strong> deleted a note by rita" in html


@pytest.mark.once
def test_deleting_your_own_note_names_you_once(as_rep: Client, note: Note) -> None:
    delete(as_rep, note)
    assert "<strong>rita</strong> deleted a note" in page(as_rep, note.lead)


def test_an_open_page_is_told_about_the_deletion(
    as_rep: Client, colleague: User, note: Note
) -> None:
    open_page = client_of(colleague)
    context = open_page.get(note.lead.get_absolute_url()).context["timeline"]
    [shown] = context.activities
    delete(as_rep, note)
    updates = open_page.get(
        f"/leads/{note.lead_id}/news/", {"since": str(context.newest), "pending": shown.version}
    ).content.decode()
    assert f'<li id="note-{note.pk}" hx-swap-oob="delete"></li>' in updates
    assert "deleted a note" in updates


def test_a_deleted_note_is_not_counted(as_rep: Client, note: Note) -> None:
    delete(as_rep, note)
    note.lead.refresh_from_db()
    assert note.lead.last_note_at is None
    for query in ('note(text:"card")', "notes > 0", f'"{SECRET}"'):
        assert "Bluebird" not in as_rep.get("/leads/", {"q": query}, headers=HTMX).content.decode()


def test_a_note_deleted_while_it_is_edited_stays_deleted(as_rep: Client, note: Note) -> None:
    """The edit started before the note was deleted."""
    stale = Note.objects.get()
    delete(as_rep, note)
    assert note.user is not None
    with pytest.raises(Note.DoesNotExist):
        stale.edit("Call them", note.user)
    assert not Note.objects.exists()


def test_a_second_click_on_delete_adds_no_record(as_rep: Client, note: Note) -> None:
    delete(as_rep, note)
    assert delete(as_rep, note).status_code == 404
    assert page(as_rep, note.lead).count("deleted a note") == 1


@pytest.mark.once
def test_changes_in_the_admin_are_shown(as_rep: Client, note: Note) -> None:
    root = factories.user(None, "root", is_staff=True, is_superuser=True)
    admin = client_of(root)
    now = timezone.now()
    fields = {"lead": note.lead_id, "text": "Call them", "created_0": f"{now:%Y-%m-%d}"}
    fields |= {"created_1": f"{now:%H:%M:%S}"}
    assert admin.post(f"/admin/leads/note/{note.pk}/change/", fields).status_code == 302
    assert "Edited by root" in page(as_rep, note.lead)

    other = Note.objects.create(
        organization=note.organization, lead=note.lead, user=note.user, text="Second"
    )
    admin.post(f"/admin/leads/note/{note.pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    admin.post("/admin/leads/note/", chosen)
    assert page(as_rep, note.lead).count("<strong>root</strong> deleted a note by rita") == 2


def test_a_book_is_no_note(as_rep: Client, lead: Lead) -> None:
    """PostgreSQL can't index it, and everybody's page of the lead would have all of it."""
    book = " ".join(f"word{number}" for number in range(100_000))
    new = {"name": lead.name, "status": lead.status_id, "description": book}
    for url, form in (("notes/new/", {"text": book}), ("edit/", new)):
        page = as_rep.post(f"{lead.get_absolute_url()}{url}", form)
        assert "is too long. Use 50000 characters or fewer." in html_of(page)
    assert not Note.objects.exists()
