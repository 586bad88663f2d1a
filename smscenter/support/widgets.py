from collections.abc import Mapping
from typing import Any

from django import forms


class LongText(forms.Textarea):
    """A browser counts an end of line as one character, and sends it as two."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value
