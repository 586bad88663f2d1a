"""The contract that every carrier in messaging/carriers fulfills."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installation
from django.test import RequestFactory
from django.utils.module_loading import import_string
from environs import Env
from pytest_django import Settings

from messaging import carriers
from messaging.carriers import Carrier
from messaging.models import CarrierEvent, SmsMessage
from tests.messaging.carriers.contract import CarrierContract, CarrierFiles, CarrierInUse

ROOT = Path(installation.BASE_DIR)
# These run the sandbox for the demo.
ALLOWED_MODULES = {
    "messaging/management/commands/sandbox.py",
    # Reads a setting that was removed.
    "messaging/migrations/0019_messaging_services.py",
    "smscenter/management/commands/run.py",
}


@pytest.fixture(params=sorted(carriers.REGISTRY))
def carrier(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Carrier]:
    settings.CARRIERS = [request.param]
    carriers.get.cache_clear()
    yield carriers.get(request.param)
    carriers.get.cache_clear()


def test_the_key_is_the_name_of_the_folder(carrier: Carrier) -> None:
    assert type(carrier).__module__ == f"messaging.carriers.{carrier.key}.adapter"
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,19}", carrier.key)


def test_the_carrier_has_a_label(carrier: Carrier) -> None:
    assert carriers.choices() == [(carrier.key, carrier.label)]
    assert carriers.label(carrier.key) == carrier.label != carrier.key


def test_every_required_method_is_implemented(carrier: Carrier) -> None:
    for name in ("send", "find", "is_genuine", "callbacks", "read_status", "read_incoming"):
        assert getattr(type(carrier), name) is not getattr(Carrier, name), name


@pytest.mark.parametrize("kind", CarrierEvent.Kind)
def test_a_webhook_without_a_signature_is_not_genuine(
    carrier: Carrier, kind: CarrierEvent.Kind
) -> None:
    assert not carrier.is_genuine(RequestFactory().post(f"/webhooks/{carrier.key}/{kind}/", {}))


@pytest.mark.parametrize("kind", CarrierEvent.Kind)
@pytest.mark.parametrize("body", [b"", b"nonsense", b"\xff", b"{", b"[]"])
def test_an_unreadable_webhook_is_a_value_error(
    carrier: Carrier, kind: CarrierEvent.Kind, body: bytes
) -> None:
    for content_type in ("application/x-www-form-urlencoded", "application/json"):
        request = RequestFactory().post("/", body, content_type=content_type)
        with pytest.raises(ValueError, match=r"\w"):
            carrier.callbacks(request, kind)


def test_an_undocumented_status_is_ignored(carrier: Carrier) -> None:
    report = carrier.read_status([])
    assert (report.receipt, report.known) == (SmsMessage.Receipt.NONE, False)


def test_webhooks_get_a_success_response(carrier: Carrier) -> None:
    assert 200 <= carrier.answer().status_code < 300


def test_the_installation_has_every_carriers_settings() -> None:
    read = carriers.read_settings(Env(), [], debug=True)
    assert read
    assert {name: getattr(installation, name) for name in read} == read


def test_only_carrier_modules_name_a_carrier() -> None:
    key = "|".join(carriers.REGISTRY)
    name = re.compile(
        rf"""carriers\.({key})\b|(from|import)\ ({key})\b|["':]({key})["']|\b({key.upper()})_"""
    )
    for room in ("leads", "messaging", "search", "smscenter"):
        for path in (ROOT / room).rglob("*.py"):
            module = path.relative_to(ROOT)
            if module.is_relative_to("messaging/carriers") or module.is_relative_to(
                "smscenter/demo"
            ):
                continue
            if str(module) not in ALLOWED_MODULES:
                assert not name.search(path.read_text()), module


@pytest.mark.parametrize("key", sorted(carriers.REGISTRY))
@pytest.mark.parametrize("contract", [CarrierContract, CarrierInUse])
def test_every_carrier_inherits_the_contracts_tests(key: str, contract: type) -> None:
    assert_inherits(key, contract)


@pytest.mark.parametrize("key", sorted(carriers.REGISTRY))
def test_every_carrier_that_downloads_files_inherits_their_tests(key: str) -> None:
    adapter: type[Carrier] = import_string(carriers.REGISTRY[key])
    if adapter.download is not Carrier.download:
        assert_inherits(key, CarrierFiles)


def assert_inherits(key: str, contract: type) -> None:
    module = import_module(f"tests.messaging.carriers.{key}.test_contract")
    inheriting = [each for each in vars(module).values() if is_test_of(each, contract)]
    assert inheriting
    assert {each.wire.key for each in inheriting} == {key}
    assert {each.wire.adapter for each in inheriting} == {carriers.REGISTRY[key]}


def is_test_of(value: Any, contract: type) -> bool:
    is_class = isinstance(value, type) and value.__name__.startswith("Test")
    return is_class and issubclass(value, contract)
