from django.core import checks
from pytest_django import Settings

from tests.test_settings import PRODUCTION, start


def test_the_sandboxs_published_token_is_refused_in_production() -> None:
    environment = PRODUCTION | {"CARRIERS": "sandbox"}
    assert "ImproperlyConfigured: SANDBOX_AUTH_TOKEN" in start(**environment)
    assert start(**environment, SANDBOX_AUTH_TOKEN="a token of its own") == ""


def test_the_sandbox_is_an_error_in_production(settings: Settings) -> None:
    settings.CARRIERS = ["sandbox"]
    assert problems(deploy=False) == []
    (error,) = problems(deploy=True)
    assert (error.id, error.is_serious()) == ("messaging.E005", True)
    settings.DEBUG = True
    assert problems(deploy=True) == []


def problems(*, deploy: bool) -> list[checks.CheckMessage]:
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=deploy)
    return [message for message in found if str(message.id).startswith("messaging.")]
