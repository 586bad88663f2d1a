"""Opt-outs are recognized and recorded, and only the recipient can end them."""

import threading

import pytest
from django.db import connection

from messaging.incoming.keywords import Keyword, read_keyword, sounds_like_opt_out
from messaging.models import Consent, OptOut, Recipient
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.factories import MOBILE

OUT = "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT OPT-OUT REMOVE ARRET ARRÊT PARE ALTO"


def covered(organization: Organization, phone: str = MOBILE) -> list[OptOut]:
    return list(OptOut.objects.in_force().filter(organization=organization, recipient__phone=phone))


@pytest.mark.parametrize(
    ("words", "keyword"),
    [
        (OUT, Keyword.STOP),
        ("START YES UNSTOP", Keyword.START),
        ("HELP INFO AIDE AYUDA", Keyword.HELP),
    ],
)
def test_each_keyword_is_read(words: str, keyword: Keyword) -> None:
    assert {read_keyword(word) for word in words.split()} == {keyword}


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        " Stop! ",
        "“STOP”",
        "\r\nstop.\n",
        "S.T.O.P",
        "ＳＴＯＰ",
        "Stop 🛑",
        "opt out",
        "ARRÊT",
        "stop\u200b",
        "Stop-All",
        "OPT OUT",
        "STOP STOP",
        "Stop. Cancel!",
    ],
)
def test_case_punctuation_and_space_do_not_matter(text: str) -> None:
    assert read_keyword(text) is Keyword.STOP


@pytest.mark.parametrize("text", ["", "...", "stop by tomorrow", "the end", "Yes please", "\0"])
def test_a_keyword_within_a_sentence_does_not_count(text: str) -> None:
    assert read_keyword(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "Quit messaging me!!",
        "Stop sending me this",
        "STOP CALLING ME",
        "Not interested. Stop.",
        "No thanks, stop",
        "please stop",
        "stop it please",
        "Stop these messages",
        "Don’t text me again",
        "do not contact us at all",
        "never message this number",
        "remove me from your list",
        "Take me off the list",
        "lose my number",
        "leave me alone",
        "how do I unsubscribe?",
        "I want to opt out",
        "No more texts please",
        "I don't want to receive these messages",
        "I do not want to hear from you",
        "Arrêtez de m'envoyer des messages",
        "dejen de enviarme mensajes",
        "no me escriban más",
        "take me off",
        "wrong number",
        "Sorry, wrong person",
        "Número equivocado",
        "Mauvais numéro",
        "Retirez-moi de la liste",
        "bórrenme",
        "Sotp",
        "STPO",
        "stoop",
        "Unsuscribe",
        "cancle",
    ],
)
def test_free_wording_is_noticed(text: str) -> None:
    assert sounds_like_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I can't stop thinking about it",
        "We'll stop by tomorrow",
        "Is there a bus stop nearby?",
        "Don't stop texting me, I like it",
        "never stop sending those cat pictures",
        "please stop by at 5",
        "Don't text me before nine",
        "don't text me while I am at work",
        "don't text me at noon, call",
        "Take me to the showing please",
        "I don't want to miss your messages",
        "The offer will end on Friday, right?",
        "Can you cancel my appointment?",
        "Yes, let's start on Monday",
        "Stop texting and driving is our campaign",
        "No more questions, thanks",
        "nonstop flight",
        "Top",
        "Shop",
        "The stops are on the map",
        "Quite",
        "Send",
        "What's the right number to call?",
    ],
)
def test_everyday_sentences_are_left_alone(text: str) -> None:
    assert not sounds_like_opt_out(text)


def test_a_hostile_text_is_read_quickly() -> None:
    assert not sounds_like_opt_out("please " * 20_000 + "don't want " * 20_000)


def test_a_stop_covers_the_number_it_was_sent_to(organization: Organization) -> None:
    sales = factories.sender(organization)
    reminders = factories.sender(organization, phone="+12125550101")
    opt_out = OptOut.objects.record(
        organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sales
    )
    assert opt_out.covers(sales)
    assert not opt_out.covers(reminders)


def test_a_stop_does_not_disable_the_person_everywhere(
    organization: Organization, stranger: User
) -> None:
    assert stranger.organization is not None
    sender = factories.sender(organization)
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sender)
    assert not covered(stranger.organization)
    assert not Recipient.objects.filter(organization=stranger.organization).exists()


def test_an_opt_out_recorded_twice_keeps_its_first_date(organization: Organization) -> None:
    sender = factories.sender(organization)
    first = OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sender)
    again = OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sender)
    assert (again.pk, again.created) == (first.pk, first.created)
    whole = [
        OptOut.objects.record(organization, MOBILE, source=OptOut.Source.CARRIER) for _ in range(2)
    ]
    assert whole[0].pk == whole[1].pk
    assert len(covered(organization)) == 2


def test_an_uncertain_opt_out_can_become_certain_but_not_back(organization: Organization) -> None:
    def learn(*, certain: bool) -> OptOut:
        return OptOut.objects.record(
            organization, MOBILE, source=OptOut.Source.WORDING, words="enough", certain=certain
        )

    assert not learn(certain=False).certain
    assert learn(certain=True).certain
    assert learn(certain=False).certain
    assert covered(organization)[0].words == "enough"


def test_long_words_and_words_with_nul_are_saved(organization: Organization) -> None:
    words = "stop\0 " + "x" * 5_000
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.WORDING, words=words)
    assert len(covered(organization)[0].words) == 200
    assert OptOut.objects.end_by_recipient(organization, MOBILE, sender=None, words=words) == 1
    assert len(OptOut.objects.get().ended_by) == 120


def test_start_ends_the_opt_outs_that_cover_the_number(organization: Organization) -> None:
    sales = factories.sender(organization)
    other = factories.sender(organization, phone="+12125550101")
    for source in (OptOut.Source.KEYWORD, OptOut.Source.CARRIER, OptOut.Source.WORDING):
        OptOut.objects.record(organization, MOBILE, source=source, sender=sales)
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.CARRIER)
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD, sender=other)
    assert OptOut.objects.end_by_recipient(organization, MOBILE, sender=sales, words="Start") == 4
    assert [opt_out.sender for opt_out in covered(organization)] == [other]
    ended = OptOut.objects.exclude(ended=None).first()
    assert ended is not None
    assert ended.ended_by == "Start"


def test_start_ends_opt_outs_that_staff_recorded(organization: Organization) -> None:
    sender = factories.sender(organization)
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.STAFF)
    assert OptOut.objects.end_by_recipient(organization, MOBILE, sender=sender, words="START") == 1
    assert not covered(organization)


def test_start_of_an_unknown_person_does_nothing(organization: Organization) -> None:
    assert OptOut.objects.end_by_recipient(organization, MOBILE, sender=None, words="START") == 0
    assert not Recipient.objects.exists()


def test_start_in_one_organization_ends_nothing_in_another(
    organization: Organization, stranger: User
) -> None:
    assert stranger.organization is not None
    OptOut.objects.record(stranger.organization, MOBILE, source=OptOut.Source.KEYWORD)
    assert OptOut.objects.end_by_recipient(organization, MOBILE, sender=None, words="START") == 0
    assert covered(stranger.organization)


def test_after_start_a_new_stop_counts_again(organization: Organization) -> None:
    sender = factories.sender(organization)
    first = OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sender)
    OptOut.objects.end_by_recipient(organization, MOBILE, sender=sender, words="START")
    second = OptOut.objects.record(
        organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sender
    )
    assert second.pk != first.pk
    assert covered(organization) == [second]


def test_new_consent_is_kept_as_evidence_and_ends_every_opt_out(
    organization: Organization, rep: User
) -> None:
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.STAFF)
    OptOut.objects.record(
        organization,
        MOBILE,
        source=OptOut.Source.KEYWORD,
        sender=factories.sender(organization),
    )
    consent = Consent.objects.record(
        organization, MOBILE, method="Signed form", wording="I agree to texts.", recorded_by=rep
    )
    assert not covered(organization)
    assert consent.recorded_by == rep
    assert OptOut.objects.filter(ended_by="New consent: Signed form").count() == 2


@pytest.mark.django_db(transaction=True)
def test_simultaneous_opt_outs_are_one_row() -> None:
    organization = factories.organization("acme")
    ready = threading.Barrier(4)
    learned: list[int] = []

    def learn() -> None:
        try:
            ready.wait()
            opt_out = OptOut.objects.record(organization, MOBILE, source=OptOut.Source.CARRIER)
            learned.append(opt_out.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=learn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(learned) == 4
    assert len(set(learned)) == 1
