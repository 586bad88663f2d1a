"""The words of leads are those of their texts, whatever writes the texts."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Q

from leads.models import Contact, ContactEmail, Lead, LeadWords
from leads.words import check
from search import run
from search.words import related_rows, word_index
from search.words.context import SearchContext
from smscenter.accounts.models import User
from tests import factories


def stored() -> set[tuple[str, int]]:
    return set(LeadWords.objects.values_list("kind", "lead"))


def found(query: str, user: User) -> set[str]:
    return set(run("lead", query, user).rows.values_list("name", flat=True))


@pytest.fixture
def quarry(lead: Lead) -> Lead:
    """Return a lead with a text of each kind."""
    Lead.objects.filter(pk=lead.pk).update(name="Quarry", description="Granite", url="http://a.b/")
    person = factories.contact(lead, name="Ada Stone")
    Contact.objects.update(title="Owner")
    ContactEmail.objects.create(
        organization=lead.organization, contact=person, email="ada@example.com"
    )
    lead.refresh_from_db()
    return lead


def assert_right(lead: Lead) -> None:
    assert lead.organization
    assert list(check(lead.organization)) == []


def test_each_text_has_its_words(quarry: Lead) -> None:
    assert stored() == {(kind, quarry.pk) for kind in LeadWords.Kind.values}
    assert_right(quarry)


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("leads_lead", {"name": "Marble"}),
        ("leads_lead", {"description": "", "url": ""}),
        ("leads_contact", {"name": "Bob", "title": ""}),
        ("leads_contactemail", {"email": "bob@example.com"}),
    ],
)
def test_a_changed_text_has_its_new_words(
    quarry: Lead, table: str, changes: dict[str, Any]
) -> None:
    columns = ", ".join(f"{column} = %s" for column in changes)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns}", [*changes.values()])

    assert_right(quarry)
    assert len(stored()) == 6 - sum(not value for value in changes.values())


def test_words_move_with_a_contact_and_an_email_address(quarry: Lead, rep: User) -> None:
    other = factories.lead(rep, "Other")
    Contact.objects.update(lead=other)
    assert {kind for kind, lead in stored() if lead == other.pk} == {
        "name", "contact", "title", "email",
    }  # fmt: skip
    ContactEmail.objects.update(contact=factories.contact(quarry))
    assert ("email", quarry.pk) in stored()
    assert_right(quarry)


def test_words_go_with_their_texts(quarry: Lead) -> None:
    ContactEmail.objects.all().delete()
    assert "email" not in {kind for kind, _ in stored()}
    quarry.delete()
    assert stored() == set()


@pytest.mark.parametrize("few", [-1, 2_000])
def test_a_bare_word_is_found_in_any_text_but_no_phrase_across_two(
    quarry: Lead, rep: User, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(related_rows, "FEW", few)
    monkeypatch.setattr(word_index, "FEW", few)
    factories.lead(rep, "Other")
    own = ("name:quar", "contact:stone", "contact(title:own name:ada)", "email:ada")
    for query in ("quar", "gran", "stone", "owner", "example", '"ada stone"', *own):
        assert found(query, rep) == {"Quarry"}, query
        assert found(f"not {query}", rep) == {"Other"}, query
    none = ("name:gran", "contact:owner", "contact:quarry", "contact(name:ada email:stone)")
    for query in ('"quarry granite"', '"stone owner"', "zebra", *none):
        assert found(query, rep) == set(), query


def test_wrong_words_are_reported_and_repaired(
    quarry: Lead, capsys: pytest.CaptureFixture[str]
) -> None:
    words = LeadWords.objects.all()
    words.get(kind="name").delete()
    words.filter(kind="description").update(words=words.filter(kind="url").values("words")[:1])
    words.filter(kind="url").update(source=F("source") + 1_000)
    with pytest.raises(CommandError, match="4 wrong values"):
        call_command("rollups")
    assert f"name {quarry.pk}: its stored words are wrong" in capsys.readouterr().out
    call_command("rollups", "--repair")
    assert_right(quarry)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no index of words")
def test_an_index_serves_the_words_of_an_organization(rep: User) -> None:
    own = {"organization": rep.organization, "status": factories.lead(rep).status}
    Lead.objects.bulk_create(Lead(name=f"Number {number}", **own) for number in range(300))
    rows = related_rows.RelatedRows("leads.LeadWords", "lead")
    words = rows.owners(Q(words__words="12"), SearchContext.of(rep))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_leadwords")
        # As in a large table.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL cpu_operator_cost = 1")
        plan = words.explain()
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'leads_lead'")
        of_leads = " ".join(name for (name,) in cursor.fetchall())
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    # Both columns of the index, or a small organization would read the words of a large one.
    assert "organization_id" in condition
    assert "words" in condition
    # A text writes its lead, and all indexes of it.
    assert "gin" not in of_leads
