"""Files that came with a text: requested from the carrier with our credentials, or not at all."""

import time
from io import BytesIO

import pytest

from messaging.carriers import Carrier, media
from messaging.carriers.media import MediaError, Problem
from tests.messaging.carriers.contract.setup import WithCarrier
from tests.messaging.carriers.contract.small_server import (
    CLOSES,
    HANGS,
    Reply,
    SmallServer,
    http,
)

CONTENT = b"\xff\xd8\xff picture"
FILE = http(200, CONTENT, Content_Type="image/jpeg")


class CarrierFiles(WithCarrier):
    def test_a_file_is_requested_with_our_credentials(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.always(FILE)
        file = BytesIO()
        carrier.download(api.url + self.wire.file_path(), file)
        (request,) = api.requests
        assert file.getvalue() == CONTENT
        assert (request.method, request.path) == ("GET", self.wire.file_path())
        assert self.wire.is_authorized(request)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_to_another_host_is_not_followed(
        self, carrier: Carrier, api: SmallServer, status: int
    ) -> None:
        with SmallServer() as elsewhere:
            api.always(http(status, Location=f"{elsewhere.url}/{CONTENT.hex()}"))
            assert self.problem(carrier, api) is Problem.FOREIGN
            assert elsewhere.requests == []

    def test_another_hosts_address_is_never_requested(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        """Whoever could forge a callback would otherwise read our network, and our credentials."""
        api.always(http(404))
        with SmallServer() as elsewhere:
            elsewhere.always(FILE)
            for url in (
                elsewhere.url,
                f"{elsewhere.url}/admin/",
                elsewhere.url + self.wire.file_path(),
                f"{elsewhere.url}/?{self.wire.file_path()}",
                f"{api.url}@{elsewhere.url.removeprefix('http://')}{self.wire.file_path()}",
                f"{api.url}{self.wire.file_path()}/../../../../../../control/",
                "file:///etc/passwd",
                "http://[",
                "",
            ):
                with pytest.raises(MediaError) as refused:
                    carrier.download(url, BytesIO())
                assert refused.value.problem in {Problem.FOREIGN, Problem.GONE}, url
            assert elsewhere.requests == []
        assert {request.path for request in api.requests} <= {self.wire.file_path()}

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_deleted_file_is_gone(self, carrier: Carrier, api: SmallServer, status: int) -> None:
        api.always(http(status))
        assert self.problem(carrier, api) is Problem.GONE

    @pytest.mark.parametrize(
        "reply",
        [http(401), http(403), http(429), http(500), http(503), CLOSES, FILE.cut(-3), Reply(b"?")],
        ids=lambda reply: repr(reply.content[9:12] + reply.content[-3:]),
    )
    def test_what_may_work_later_is_not_for_good(
        self, carrier: Carrier, api: SmallServer, reply: Reply
    ) -> None:
        api.always(Reply(reply.content, closes=True))
        assert self.problem(carrier, api) is Problem.UNAVAILABLE

    @pytest.mark.parametrize("reply", [HANGS, Reply(FILE.content[:-3], hangs=True)], ids=repr)
    def test_a_file_that_does_not_come_ends_in_time(
        self, carrier: Carrier, api: SmallServer, reply: Reply, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(media, "TIMEOUT", 0.3)
        api.always(reply)
        started = time.monotonic()
        assert self.problem(carrier, api) is Problem.UNAVAILABLE
        assert time.monotonic() - started < 5

    def test_a_file_that_is_too_large_is_not_read_to_the_end(
        self, carrier: Carrier, api: SmallServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(media, "LARGEST", 10)
        api.always(http(200, b"x" * 11))
        assert self.problem(carrier, api) is Problem.TOO_LARGE

    def test_a_compressed_file_is_not_unpacked(self, carrier: Carrier, api: SmallServer) -> None:
        """A few bytes could become gigabytes."""
        api.always(http(200, b"zipped", Content_Encoding="gzip"))
        file = BytesIO()
        carrier.download(api.url + self.wire.file_path(), file)
        assert file.getvalue() == b"zipped"
        assert api.requests[0].headers["accept-encoding"] == "identity"

    def problem(self, carrier: Carrier, api: SmallServer) -> Problem:
        with pytest.raises(MediaError) as failed:
            carrier.download(api.url + self.wire.file_path(), BytesIO())
        return failed.value.problem
