"""Run a real Chromium against a live server, with a real worker and the sandbox carrier."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.contrib.staticfiles import handlers
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    WebError,
    expect,
    sync_playwright,
)
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from messaging import carriers
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.management.worker import Worker
from smscenter.accounts.models import User
from smscenter.support.review import carrier_lists
from tests.browser import chromium
from tests.browser.axe import LIGHT
from tests.browser.layout import resize
from tests.browser.static_files import EMPTY, FOLDER, StaticFiles

# Playwright's synchronous interface runs an event loop in this thread, and Django mistakes that for
# asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The address bar's suggestions are two pages of their own in each window: half of the work of a
# short test. Chromium obeys only the last list, so this one repeats Playwright's.
DISABLED_FEATURES = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
)
# Each page of a site would get a frame of its own, which takes a fifth of opening it.
SAME_FRAME = "RenderDocument"
# A process of its own for requests takes a fifteenth of a short test. The others are Playwright's.
ENABLED_FEATURES = (
    "NetworkServiceInProcess2",
    "CDPScreenshotNewSurface",
    "SkipListAccountsWithoutGaiaCookies",
)
FLAGS = [
    f"--disable-features={','.join((*DISABLED_FEATURES, SAME_FRAME))}",
    f"--enable-features={','.join(ENABLED_FEATURES)}",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # All pages of a browser context are in one process, and a new one finds its scripts compiled.
    "--renderer-process-limit=1",
]
# Console messages that tests expect: a missing page, a form with errors, a page that another user
# opened, a request replaced by a newer one before its response, a check that times out.
EXPECTED_MESSAGES = (
    "status of 404",
    "Status Error Code 404",
    "status of 409",
    "status of 422",
    "htmx:sendAbort",
    "htmx:afterRequest",
    "htmx:timeout",
)
LAPTOP = ViewportSize(width=1280, height=900)
PATIENCE = 30_000  # milliseconds: other runs keep the machine busy
expect.set_options(timeout=PATIENCE)
HERE = Path(__file__).parent

# In this one, several people, the worker, and the carrier write at the same time.
ON_BOTH = "test_from_spam_block_to_whitelisted.py"


class SignIn(Protocol):
    def __call__(self, page: Page, user: User, path: str = "") -> None: ...


@pytest.hookimpl(tryfirst=True)  # before pytest-django moves transactional tests to the end
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            if item.path.name != ON_BOTH:
                item.add_marker(pytest.mark.once)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.INSTRUCTION)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        flags = [*FLAGS, "--no-sandbox"] if root else FLAGS
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def static_files() -> Iterator[None]:
    """Let the live server take static files from memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers, "StaticFilesHandler", StaticFiles)
        yield


@pytest.fixture(scope="session")
def live_server(static_files: None, live_server: LiveServer) -> LiveServer:
    return live_server  # pytest-django's, which begins now


@pytest.fixture
def no_request_left() -> Iterator[None]:
    """Wait for what the server does for closed pages: the next test has another database."""
    in_work: list[None] = []

    def start(**_: object) -> None:
        in_work.append(None)

    def finish(**_: object) -> None:
        del in_work[:1]  # there's none if it began earlier

    request_started.connect(start)
    request_finished.connect(finish)
    yield
    end = time.monotonic() + PATIENCE / 1000
    while in_work and time.monotonic() < end:
        time.sleep(0.01)
    request_started.disconnect(start)
    request_finished.disconnect(finish)


@pytest.fixture
def watch() -> Iterator[Callable[[BrowserContext], None]]:
    """Return a function that lets a problem in a browser context's pages fail the test.

    That's a console error or warning, or a content security policy violation.
    """
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(
            expected in message.text for expected in EXPECTED_MESSAGES
        ):
            problems.append(f"{message.type}: {message.text}")

    def fail(error: WebError) -> None:
        problems.append(str(error.error))

    def watch(context: BrowserContext) -> None:
        contexts.append(context)
        context.on("console", listen)
        context.on("weberror", fail)

    yield watch
    for context in contexts:
        context.remove_listener("console", listen)
        context.remove_listener("weberror", fail)
    assert not problems, problems


def new_context(browser: Browser, url: str, **options: Any) -> BrowserContext:
    # Animations would be drawn sixty times a second.
    usual: dict[str, Any] = {"base_url": url, "reduced_motion": "reduce"}
    context = browser.new_context(**usual | options)
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def new_page(
    browser: Browser,
    live_server: LiveServer,
    watch: Callable[[BrowserContext], None],
    no_request_left: None,
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page in its own browser context, as a separate user."""
    contexts = []

    def make(**options: object) -> Page:
        context = new_context(browser, live_server.url, **options)
        contexts.append(context)
        watch(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def kept_page(browser: Browser, live_server: LiveServer) -> Page:
    """Return a page that stays open.

    A new page takes more than opening one in it, and a new context would start another process, and
    read and compile all scripts and styles again.
    """
    page = new_context(browser, live_server.url, viewport=LAPTOP).new_page()
    page.goto(f"{FOLDER}{EMPTY}")
    return page


@pytest.fixture
def page(
    kept_page: Page, watch: Callable[[BrowserContext], None], no_request_left: None
) -> Iterator[Page]:
    """Return a page that stores nothing yet, as a new one would be.

    What a test gives it besides sizes, media, and routes stays: a clock, a script, a device, or a
    listener needs an `own_page`.
    """
    context = kept_page.context
    context.clear_cookies()
    kept_page.evaluate("localStorage.clear(); sessionStorage.clear()")
    watch(context)
    yield kept_page
    for page in context.pages:
        if page != kept_page:
            page.close()
    kept_page.goto(f"{FOLDER}{EMPTY}")
    kept_page.unroute_all()
    kept_page.mouse.move(-1, -1)
    kept_page.emulate_media(media="null", **LIGHT)
    resize(kept_page, LAPTOP)


@pytest.fixture
def own_page(new_page: Callable[..., Page]) -> Page:
    return new_page(viewport=LAPTOP)


@pytest.fixture
def sign_in(live_server: LiveServer) -> SignIn:
    """Sign in with a session cookie, and open a page, by default the first one.

    test_from_spam_block_to_whitelisted uses the form.
    """

    def sign_in(page: Page, user: User, path: str = "") -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )
        page.goto(path or ("/leads/" if user.organization_id else "/"))

    return sign_in


@pytest.fixture
def sandbox(
    live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxServer]:
    """Run the sandbox carrier, with a worker that sends to it; it calls the live server back."""
    settings.PUBLIC_URL = live_server.url
    carriers.get.cache_clear()
    # An earlier sandbox may have received the same list.
    monkeypatch.setattr(carrier_lists, "_sent", {})
    inbound = f"{live_server.url}/webhooks/sandbox/inbound/"
    control = Control(delay=0.05, reply_delay=0.3)
    with SandboxServer(
        port=0, callback_base=live_server.url, inbound_url=inbound, control=control
    ) as server:
        settings.SANDBOX_URL = server.url
        worker = Worker()
        thread = threading.Thread(target=_work, args=[worker])
        thread.start()
        yield server
        worker.running = False
        thread.join()


def _work(worker: Worker) -> None:
    try:
        worker.run()
    finally:
        connection.close()


def open_account_menu(page: Page) -> None:
    """Open the menu that has "Sign out" in it."""
    page.locator(".account > summary").click()
