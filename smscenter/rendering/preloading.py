"""Load what a process would otherwise read from disk later."""

from django.conf import settings
from django.template.loader import get_template


def load_templates() -> None:
    """Load the project's templates, which takes about 0.2 seconds and 8 MB.

    During an upgrade, files are replaced while the web server still runs the old code.
    """
    folder = settings.BASE_DIR / "templates"
    for path in folder.rglob("*"):
        if path.suffix in {".html", ".txt"}:
            get_template(str(path.relative_to(folder)))
