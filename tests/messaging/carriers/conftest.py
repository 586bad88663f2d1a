import uuid
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from messaging.carriers import OutgoingSms
from tests.factories import MOBILE, OUR_NUMBER
from tests.messaging.carriers.listener import Listener
from tests.production.nginx import make_certificate

MakeSms = Callable[..., OutgoingSms]


@pytest.fixture
def make_sms() -> MakeSms:
    def make(
        text: str = "Hello",
        to: str = MOBILE,
        sender: str = OUR_NUMBER,
        key: uuid.UUID | None = None,
    ) -> OutgoingSms:
        return OutgoingSms(key=key or uuid.uuid4(), sender=sender, to=to, text=text)

    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the paths of a self-signed certificate for localhost and of its key."""
    certificate, key = make_certificate(tmp_path_factory.mktemp("tls"))
    return str(certificate), str(key)


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    """Listen at the installation's public URL during the test."""
    with Listener() as listener:
        settings.PUBLIC_URL = listener.url
        yield listener
