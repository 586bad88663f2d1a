"""The sandbox simulates carriers and recipients, and reports results with signed callbacks."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import requests
from django.conf import settings as installation

from messaging.carriers import CarrierError
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.numbers import TO, WORDS
from messaging.carriers.sandbox.server import SandboxServer
from messaging.carriers.sandbox.spam import looks_like_spam
from messaging.models import CarrierEvent
from tests.factories import MOBILE, OUR_NUMBER
from tests.messaging.carriers.conftest import MakeSms
from tests.messaging.carriers.listener import Listener, until

pytestmark = pytest.mark.once
DELIVERED = ["sending", "sent", "delivered"]
SAYS_STOP = "+15005550120"


def test_a_text_is_delivered_and_each_state_is_reported(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener
) -> None:
    sms = make_sms()
    sid = sandbox.send(sms).carrier_id
    until(lambda: listener.states(sid) == DELIVERED)
    for received in listener.requests:
        assert sandbox.is_genuine(received.request)
        (callback,) = sandbox.callbacks(received.request, CarrierEvent.Kind.STATUS)
        assert (callback.carrier_id, callback.attempt_key) == (sid, sms.key)


LATE = {to: behavior for to, behavior in TO.items() if behavior.ends != "delivered"}


@pytest.mark.parametrize("to", LATE)
def test_a_late_failure(sandbox: Sandbox, make_sms: MakeSms, listener: Listener, to: str) -> None:
    sid = sandbox.send(make_sms(to=to)).carrier_id
    until(lambda: listener.states(sid) == ["sending", "sent", LATE[to].ends])
    report = sandbox.read_status(list(listener.requests[-1].form.items()))
    assert (report.code, report.words) == (str(LATE[to].code), WORDS[LATE[to].code])
    assert report.code[-2:] == to[-2:]


def test_spam_is_filtered_until_the_sender_is_whitelisted(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, listener: Listener
) -> None:
    sid = sandbox.send(make_sms("Click here for FREE MONEY")).carrier_id
    until(lambda: listener.states(sid) == ["sending", "sent", "undelivered"])
    assert listener.requests[-1].form["ErrorCode"] == "30007"
    change(server, whitelisted=[OUR_NUMBER])
    sid = sandbox.send(make_sms("Click here for FREE MONEY")).carrier_id
    until(lambda: listener.states(sid) == DELIVERED)


@pytest.mark.parametrize(
    ("text", "is_spam"),
    [
        ("Get FREE money today", True),
        ("Click here", True),
        ("https://bit.ly/3xYz", True),
        ("BUY NOW!!!", True),
        ("Invest in Crypto", True),
        ("See you at 5!!!", False),
        ("OK!!", False),
        ("https://example.com/rabbit.ly/", False),
        ("The cryptographer called", False),
        ("Your appointment is at 5 pm", False),
    ],
)
def test_spam_is_recognized(text: str, is_spam: bool) -> None:
    assert looks_like_spam(text) is is_spam


def test_a_question_always_gets_the_same_reply(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener
) -> None:
    for _ in range(2):
        sandbox.send(make_sms("Does 5 pm suit you?"))
    until(lambda: len(listener.texts()) == 2)
    first, second = listener.texts()
    assert first == second
    assert first[0] == MOBILE


def test_a_reply_is_a_genuine_incoming_text(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener
) -> None:
    sandbox.send(make_sms("Does 5 pm suit you?"))
    until(listener.texts)
    received = next(received for received in listener.requests if "Body" in received.form)
    assert received.path == "/webhooks/sandbox/inbound/"
    assert sandbox.is_genuine(received.request)
    sms = sandbox.read_incoming(list(received.form.items()))
    assert (sms.sender, sms.to) == (MOBILE, OUR_NUMBER)


def test_only_questions_get_a_reply(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener
) -> None:
    quiet = sandbox.send(make_sms("See you at 5.")).carrier_id
    sandbox.send(make_sms("Does 5 pm suit you?"))
    until(lambda: listener.states(quiet) == DELIVERED and listener.texts())
    assert len(listener.texts()) == 1


def test_texts_are_refused_between_stop_and_start(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, listener: Listener
) -> None:
    sandbox.send(make_sms(to=SAYS_STOP))
    until(lambda: listener.texts() == [(SAYS_STOP, "STOP")])
    with pytest.raises(CarrierError) as refused:
        sandbox.send(make_sms(to=SAYS_STOP))
    assert refused.value.code == "21610"
    values = {"from": SAYS_STOP, "to": OUR_NUMBER, "body": "start"}
    assert (
        requests.post(f"{server.url}/control/incoming", json=values, timeout=30).status_code == 201
    )
    assert listener.texts()[-1] == (SAYS_STOP, "start")
    assert sandbox.send(make_sms(to=SAYS_STOP)).carrier_id


def test_an_opt_out_in_other_words_does_not_block_texts(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener
) -> None:
    sandbox.send(make_sms(to="+15005550121"))
    until(lambda: listener.texts() == [("+15005550121", "please stop texting me")])
    assert sandbox.send(make_sms(to="+15005550121")).carrier_id


def test_a_failed_callback_is_retried(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener
) -> None:
    listener.statuses[:] = [500, 403, 503]
    sid = sandbox.send(make_sms()).carrier_id
    until(lambda: set(listener.states(sid)) == set(DELIVERED))
    until(lambda: len(listener.states(sid)) == 6)


def test_a_callback_that_keeps_failing_is_dropped(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener, control: Control
) -> None:
    control.retries = [0.01]
    listener.statuses[:] = [500] * 6
    sid = sandbox.send(make_sms()).carrier_id
    until(lambda: len(listener.states(sid)) == 6)
    assert not listener.statuses


def test_callbacks_can_be_duplicated(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, listener: Listener
) -> None:
    change(server, duplicate=1)
    sid = sandbox.send(make_sms()).carrier_id
    until(lambda: listener.states(sid) == [state for state in DELIVERED for _ in range(2)])


def test_callbacks_can_be_reordered(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, listener: Listener
) -> None:
    change(server, reorder=1)
    sid = sandbox.send(make_sms()).carrier_id
    until(lambda: listener.states(sid) == DELIVERED[::-1])


def test_callbacks_can_have_a_wrong_signature(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, listener: Listener
) -> None:
    change(server, missign=1)
    sid = sandbox.send(make_sms()).carrier_id
    until(lambda: listener.states(sid) == DELIVERED)
    assert not any(sandbox.is_genuine(received.request) for received in listener.requests)


def test_callbacks_can_be_lost(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, listener: Listener
) -> None:
    change(server, lose=1)
    sandbox.send(make_sms())
    until(lambda: server.messages[0].status == "delivered")
    assert not listener.requests


def test_the_same_seed_gives_the_same_results() -> None:
    def outcomes(seed: int) -> list[bool]:
        server = SandboxServer(seed=seed, control=Control(lose=0.5))
        server.server.server_close()
        return [server.courier.chance("lose", str(number)) for number in range(64)]

    assert outcomes(1) == outcomes(1) != outcomes(2)
    assert 10 < sum(outcomes(1)) < 54


@pytest.mark.parametrize(
    "changes", [{"delay": "long"}, {"color": 1}, {"whitelisted": 1}, [1]], ids=str
)
def test_an_invalid_change_is_refused(server: SandboxServer, changes: Any) -> None:
    before = dict(vars(server.control))
    response = requests.patch(f"{server.url}/control/", json=changes, timeout=30)
    assert response.status_code == 400
    assert vars(server.control) == before


def test_accepted_texts_are_listed(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    sms = make_sms()
    sid = sandbox.send(sms).carrier_id
    listed = requests.get(f"{server.url}/control/messages", timeout=30).json()
    assert [(text["sid"], text["idempotency_key"]) for text in listed["messages"]] == [
        (sid, str(sms.key))
    ]
    assert listed["texts_of_key"] == {str(sms.key): 1}


def fetch(server: SandboxServer, path: str = "Messages.json", **query: str) -> Any:
    """Return what Twilio's API has at this path."""
    credentials = installation.SANDBOX_ACCOUNT_SID, installation.SANDBOX_AUTH_TOKEN
    url = f"{server.url}/2010-04-01/Accounts/{installation.SANDBOX_ACCOUNT_SID}/{path}"
    return requests.get(url, query, auth=credentials, timeout=30).json()


def test_one_text_can_be_fetched(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    sid = sandbox.send(make_sms()).carrier_id
    text = fetch(server, f"Messages/{sid}.json")
    assert (text["sid"], text["body"], text["to"]) == (sid, "Hello", MOBILE)


def test_texts_are_listed_by_page_and_by_day(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    for number in range(5):
        sandbox.send(make_sms(str(number)))
    until(lambda: all(text.status == "delivered" for text in server.messages))
    day = server.messages[0].created
    for page, bodies in enumerate(["43", "21", "0"]):
        listed = fetch(server, PageSize="2", Page=str(page))
        assert [text["body"] for text in listed["messages"]] == list(bodies)
        assert bool(listed["next_page_uri"]) == (page < 2)
    assert len(fetch(server, **{"DateSent>": f"{day:%Y-%m-%d}"})["messages"]) == 5
    assert fetch(server, **{"DateSent<": f"{day:2020-%m-%d}"})["messages"] == []


def test_the_index_explains_the_test_numbers(server: SandboxServer) -> None:
    page = requests.get(server.url, timeout=30)
    assert page.headers["Content-Type"].startswith("text/plain")
    assert all(number in page.text for number in TO)
    assert "click here" in page.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/", 404),
        ("GET", "/2010-04-01/Accounts/AC1/Messages.json", 401),
        ("POST", "/control/incoming", 400),
    ],
)
def test_an_invalid_request_is_refused(
    server: SandboxServer, method: str, path: str, status: int
) -> None:
    response = requests.request(method, server.url + path, timeout=30)
    assert response.status_code == status
    assert response.json()["message"]


def test_an_unknown_text_is_not_found(server: SandboxServer) -> None:
    auth = (installation.SANDBOX_ACCOUNT_SID, installation.SANDBOX_AUTH_TOKEN)
    path = f"/2010-04-01/Accounts/{auth[0]}/Messages/SM0.json"
    response = requests.get(server.url + path, auth=auth, timeout=30)
    assert (response.status_code, response.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(("switch", "status"), [("unavailable", 503), ("unauthorized", 401)])
def test_an_outage_can_be_switched_on_and_off(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, switch: str, status: int
) -> None:
    change(server, **{switch: 1})
    with pytest.raises(CarrierError) as raised:
        sandbox.send(make_sms())
    assert raised.value.status == status
    assert raised.value.ambiguous == (status == 503)
    change(server, **{switch: 0})
    assert sandbox.send(make_sms()).carrier_id


def change(server: SandboxServer, **changes: Any) -> None:
    response = requests.patch(f"{server.url}/control/", json=changes, timeout=30)
    assert response.status_code == 200, response.text


def test_a_person_can_answer_with_a_picture(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener, server: SandboxServer
) -> None:
    sandbox.send(make_sms(to="+15005550122"))
    until(listener.texts)
    payload = list(listener.requests[-1].form.items())
    (picture,) = sandbox.read_incoming(payload).media
    assert (picture["content_type"], listener.texts()) == ("image/png", [("+15005550122", "")])
    file = BytesIO()
    sandbox.download(picture["url"], file)
    assert file.getvalue().startswith(b"\x89PNG")
    assert requests.get(picture["url"], timeout=5).status_code == 401


def test_a_picture_that_cannot_be_fetched_fails(
    sandbox: Sandbox, make_sms: MakeSms, listener: Listener
) -> None:
    sms = replace(make_sms(""), picture_url=f"{listener.url}/pictures/gone/")
    sid = sandbox.send(sms).carrier_id
    until(lambda: "failed" in listener.states(sid))
    report = sandbox.read_status(list(listener.requests[-1].form.items()))
    assert report.code == "21620"
