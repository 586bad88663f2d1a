"""A rep sends a picture and gets one back."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from leads.models import Lead
from messaging.carriers.sandbox.server import SandboxServer
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn

SENDS_A_PICTURE = "+15005550122"


def test_pictures_are_sent_and_shown(
    page: Page, sign_in: SignIn, rep: User, lead: Lead, sandbox: SandboxServer
) -> None:
    factories.contact(lead, SENDS_A_PICTURE)
    factories.sender(lead.organization)
    written = BytesIO()
    Image.new("RGB", (320, 200), "teal").save(written, "JPEG")
    photo = {"name": "offer.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}

    sign_in(page, rep, lead.get_absolute_url())
    composer = page.locator("#composer")
    composer.get_by_label("Text", exact=True).fill("The offer")
    composer.get_by_label("Attach picture").set_input_files(photo)  # type: ignore[arg-type]
    expect(composer.get_by_text("Counts as one picture message")).to_be_visible()
    expect_shown(composer.get_by_role("img", name="Picture to send"))
    expect(composer.get_by_label("Text", exact=True)).to_have_value("The offer")
    composer.get_by_role("button", name="Send", exact=True).click()
    timeline = page.locator("#timeline")
    expect(timeline).to_contain_text("Reported as delivered")
    expect_shown(timeline.get_by_role("img", name="Picture (image/jpeg"))
    expect(composer.get_by_text("Attach picture")).to_be_visible()

    timeline.get_by_role("button", name="Show picture").dblclick()
    expect_shown(timeline.get_by_role("img", name="Picture (image/png"))
    expect(timeline.get_by_role("button", name="Show picture")).to_have_count(0)
    page.wait_for_function("document.activeElement.tagName === 'A'")


def expect_shown(image: Locator) -> None:
    """Wait until the picture is loaded."""
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", value=True)
    assert image.evaluate("image => image.naturalWidth") > 0
