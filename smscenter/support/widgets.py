from collections.abc import Mapping
from typing import Any

from django import forms


class LongText(forms.Textarea):
    """Count a line break as one character, like browsers do, although they send two."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value
