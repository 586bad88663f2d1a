"""Web addresses as people write them: `acme.com`. A field of type `url` would refuse that in the
browser, before the form could add https (FORMS_URLFIELD_ASSUME_HTTPS)."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminURLFieldWidget

# Settings for a phone's keyboard.
KEYBOARD = {"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}


class WebAddressInput(forms.URLInput):
    input_type = "text"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(KEYBOARD | (attrs or {}))


class AdminWebAddressInput(AdminURLFieldWidget):
    input_type = "text"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(KEYBOARD | (attrs or {}))
