"""Requests to the carrier's API: texts and lookups, with every way in which they fail."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_django import Settings

from messaging.carriers import Carrier, CarrierError
from messaging.carriers.deadlines import Deadline, TooLateError
from messaging.models.reason import Reason
from tests.factories import MOBILE, OUR_NUMBER
from tests.messaging.carriers.contract.setup import TEXT, WithCarrier, make_sms
from tests.messaging.carriers.contract.small_server import (
    CLOSES,
    HANGS,
    Reply,
    SmallServer,
    http,
)
from tests.messaging.carriers.contract.wire import (
    ListedText,
    SentText,
)

# In seconds, where no answer is expected.
SHORT = 0.3

GARBAGE = [
    b"",
    b"accepted",
    b"<html>OK</html>",
    b"null",
    b"[]",
    b"{}",
    b'{"sid": 1, "text": 2, "messages": 3, "texts": 4}',
    b'{"sid":',
    b"\xff\xfe",
    b"[" * 100_000,
]
BAD_IDS = ["", None, 7, ["SM1"], "x" * 65, "S\0M1", "\ud800"]


class RequestContract(WithCarrier):
    # --- Sending ----------------------------------------------------------------------------------

    def test_an_accepted_text_gets_an_id(self, carrier: Carrier, api: SmallServer) -> None:
        api.always(self.wire.taken("SM1"))
        sms = make_sms()
        accepted = carrier.send(sms)
        (request,) = api.requests
        assert accepted.carrier_id == "SM1"
        assert json.dumps(accepted.raw)
        assert self.wire.read(request) == SentText(OUR_NUMBER, MOBILE, TEXT)
        assert self.wire.is_authorized(request)
        assert self.wire.carries_key(request, sms) == self.wire.has_attempt_key

    def test_a_refusal_has_the_carriers_code_and_words(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        code = self.wire.codes[Reason.OPTED_OUT]
        api.always(self.wire.refused(400, code, "They said stop"))
        error = self.failure(carrier)
        assert (error.code, error.words, error.status) == (code, "They said stop", 400)
        assert (error.permanent, error.ambiguous, error.retry_after) == (True, False, timedelta())

    def test_words_that_a_database_cannot_store_are_repaired(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.always(self.wire.refused(400, self.wire.codes[Reason.SPAM], "a\0b\ud800"))
        error = self.failure(carrier)
        assert error.words == "ab?"
        assert "\\u0000" not in json.dumps(error.raw)
        assert "\\ud800" not in json.dumps(error.raw)

    @pytest.mark.parametrize("status", [401, 403])
    def test_wrong_credentials_are_told_apart(
        self, carrier: Carrier, api: SmallServer, status: int
    ) -> None:
        api.always(self.wire.refused(status, self.wire.codes[Reason.SPAM], "Who are you?"))
        error = self.failure(carrier)
        assert (error.status, error.ambiguous) == (status, False)

    @pytest.mark.parametrize("form", ["seconds", "date"])
    @pytest.mark.parametrize("status", [429, 503])
    def test_a_limit_says_how_long_to_wait(
        self, carrier: Carrier, api: SmallServer, status: int, form: str
    ) -> None:
        header = "40" if form == "seconds" else date_in(40)
        code = self.wire.codes[Reason.SPAM]
        api.always(self.wire.refused(status, code, "Slow down", Retry_After=header))
        error = self.failure(carrier)
        assert timedelta(seconds=30) <= error.retry_after <= timedelta(seconds=40)
        assert (error.permanent, error.ambiguous) == (False, status == 503)

    @pytest.mark.parametrize("header", ["", "soon", "-5", "1e3", "Mon, 99 Xyz", "9" * 400])
    def test_an_invalid_retry_after_is_ignored_or_bounded(
        self, carrier: Carrier, api: SmallServer, header: str
    ) -> None:
        api.always(http(429, b"{}", Retry_After=header))
        assert timedelta() <= self.failure(carrier).retry_after <= timedelta(days=1)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_server_error_is_ambiguous(
        self, carrier: Carrier, api: SmallServer, status: int
    ) -> None:
        api.always(http(status, b"<html>Bad gateway</html>", Content_Type="text/html"))
        error = self.failure(carrier)
        assert (error.ambiguous, error.permanent, error.status) == (True, False, status)
        assert (error.code, error.words) == ("", "")

    def test_a_refusal_that_is_not_the_carriers_is_not_for_good(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        """A proxy's, for example, or that of a wrong address."""
        api.always(http(404, b"<html>Not found</html>", Content_Type="text/html"))
        error = self.failure(carrier)
        assert (error.ambiguous, error.permanent, error.code) == (False, False, "")

    def test_a_hung_request_ends_in_time_and_is_ambiguous(
        self, carrier: Carrier, api: SmallServer, settings: Settings
    ) -> None:
        api.always(HANGS)
        settings.CARRIER_TIMEOUT_SECONDS = SHORT
        started = time.monotonic()
        assert self.failure(carrier).ambiguous
        assert time.monotonic() - started < SHORT + 5

    def test_half_an_answer_that_hangs_is_ambiguous(
        self, carrier: Carrier, api: SmallServer, settings: Settings
    ) -> None:
        api.always(Reply(self.wire.taken("SM1").content[:-10], hangs=True))
        settings.CARRIER_TIMEOUT_SECONDS = SHORT
        assert self.failure(carrier).ambiguous

    def test_a_connection_closed_after_reading_is_ambiguous(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.always(CLOSES)
        assert self.failure(carrier).ambiguous

    @pytest.mark.parametrize("length", [5, 20, -10], ids=["status", "headers", "body"])
    def test_an_answer_that_is_cut_off_is_ambiguous(
        self, carrier: Carrier, api: SmallServer, length: int
    ) -> None:
        api.always(self.wire.taken("SM1").cut(length))
        assert self.failure(carrier).ambiguous

    @pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:12]))
    def test_garbage_is_ambiguous(self, carrier: Carrier, api: SmallServer, body: bytes) -> None:
        api.always(http(201, body))
        error = self.failure(carrier)
        assert (error.ambiguous, error.permanent, error.status) == (True, False, 0)

    @pytest.mark.parametrize("content", [b"\0\1\2\n" * 50, b"HTTP/9 what\r\n\r\n"], ids=repr)
    def test_what_is_not_http_is_ambiguous(
        self, carrier: Carrier, api: SmallServer, content: bytes
    ) -> None:
        api.always(Reply(content, closes=True))
        assert self.failure(carrier).ambiguous

    @pytest.mark.parametrize("carrier_id", BAD_IDS, ids=ascii)
    def test_a_text_without_a_usable_id_is_ambiguous(
        self, carrier: Carrier, api: SmallServer, carrier_id: object
    ) -> None:
        api.always(self.wire.taken(carrier_id))
        assert self.failure(carrier).ambiguous

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_not_followed(
        self, carrier: Carrier, api: SmallServer, status: int
    ) -> None:
        """It would take the text and our credentials to another address."""
        with SmallServer() as elsewhere:
            elsewhere.always(self.wire.taken("SM1"))
            api.always(http(status, Location=f"{elsewhere.url}/"))
            error = self.failure(carrier)
            assert (error.status, error.ambiguous) == (status, True)
            assert len(api.requests) == 1
            assert elsewhere.requests == []

    def test_a_refused_connection_is_not_ambiguous(
        self, carrier: Carrier, settings: Settings
    ) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.wire.configure(settings, f"http://127.0.0.1:{closed.getsockname()[1]}")
            error = self.failure(carrier)
        assert (error.ambiguous, error.permanent, error.status) == (False, False, 0)

    def test_a_connection_that_the_carrier_closed_is_replaced(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.always(self.wire.taken("SM1"))
        for _ in range(3):
            carrier.send(make_sms())
            carrier.send(make_sms())
            api.hang_up()
            time.sleep(0.02)
        assert len(api.requests) == 6

    def test_nothing_is_sent_after_the_deadline(self, carrier: Carrier, api: SmallServer) -> None:
        late = make_sms(begin_by=Deadline.after(-0.001))
        with pytest.raises(TooLateError):
            carrier.send(late)
        with pytest.raises(TooLateError if self.wire.can_find else CarrierError):
            carrier.find(late, now())
        assert api.requests == []

    def test_threads_share_connections_and_get_their_own_answers(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.respond = lambda request: self.wire.taken(f"SM{self.wire.read(request).text}")
        texts = [str(number) for number in range(60)]
        with ThreadPoolExecutor(12) as threads:
            sent = list(threads.map(lambda text: carrier.send(make_sms(text=text)), texts))
        assert [accepted.carrier_id for accepted in sent] == [f"SM{text}" for text in texts]
        assert len(api.connections) <= 12

    # --- Certificates -----------------------------------------------------------------------------

    def test_a_self_signed_certificate_is_refused(
        self, carrier: Carrier, settings: Settings, certificate: tuple[str, str]
    ) -> None:
        with SmallServer(certificate) as api:
            self.wire.configure(settings, api.url.replace("127.0.0.1", "localhost"))
            error = self.failure(carrier)
            assert api.requests == []
        assert (error.ambiguous, error.permanent) == (False, False)
        assert "CERTIFICATE_VERIFY_FAILED" in error.raw["fault"]

    def test_a_trusted_certificate_is_only_for_its_own_host(
        self,
        carrier: Carrier,
        settings: Settings,
        certificate: tuple[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
        with SmallServer(certificate) as api:
            api.always(self.wire.taken("SM1"))
            self.wire.configure(settings, api.url)
            assert not self.failure(carrier).ambiguous
            assert api.requests == []
            self.wire.configure(settings, api.url.replace("127.0.0.1", "localhost"))
            assert carrier.send(make_sms()).carrier_id == "SM1"
            carrier.send(make_sms())
            api.always(self.wire.taken("SM1").cut())
            assert self.failure(carrier).ambiguous

    # --- Did it arrive? ---------------------------------------------------------------------------

    def test_a_carrier_that_cannot_be_asked_says_so(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        """A person then decides about a text whose response was lost."""
        if not self.wire.can_find:
            with pytest.raises(CarrierError) as unknown:
                carrier.find(make_sms(), now())
            assert (unknown.value.permanent, unknown.value.ambiguous) == (True, True)
            assert api.requests == []

    def test_a_text_is_found_whatever_its_wording(self, carrier: Carrier, api: SmallServer) -> None:
        if not self.wire.can_find:
            return
        sms, since = make_sms(), now()
        api.always(self.wire.listed([ListedText("SM1", since, f"Trial account - {TEXT}")]))
        assert [text.carrier_id for text in carrier.find(sms, since)] == ["SM1"]
        (request,) = api.requests
        assert self.wire.is_lookup(request, sms)
        assert self.wire.is_authorized(request)

    def test_a_text_that_is_not_there_is_not_found(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.always(self.wire.listed([]))
        if self.wire.can_find:
            assert carrier.find(make_sms(), now()) == []

    def test_older_texts_are_left_out_and_a_slow_clock_is_allowed_for(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        if not self.wire.can_find:
            return
        since = now()
        texts = [("SM2", 0), ("SM1", 20), ("SM0", 3600)]
        listed = [ListedText(sid, since - timedelta(seconds=age)) for sid, age in texts]
        api.always(self.wire.listed(listed))
        assert [text.carrier_id for text in carrier.find(make_sms(), since)] == ["SM2", "SM1"]

    @pytest.mark.parametrize(
        "reply",
        [*[http(200, body) for body in GARBAGE], http(401, b"{}"), http(404), http(429), http(503)],
        ids=lambda reply: repr(reply.content[9:12] + reply.content[-12:]),
    )
    def test_a_failed_lookup_never_says_that_a_text_is_not_there(
        self, carrier: Carrier, api: SmallServer, reply: Reply
    ) -> None:
        """Or the text would be sent again."""
        api.always(reply)
        with pytest.raises(CarrierError):
            carrier.find(make_sms(), now())

    def test_half_a_list_never_says_that_a_text_is_not_there(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.always(self.wire.listed([]).cut(-1))
        with pytest.raises(CarrierError):
            carrier.find(make_sms(), now())

    @staticmethod
    def failure(carrier: Carrier) -> CarrierError:
        with pytest.raises(CarrierError) as failed:
            carrier.send(make_sms())
        return failed.value


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def date_in(seconds: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=False)
