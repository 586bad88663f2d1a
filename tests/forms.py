"""Follow the links and forms of pages as a browser without JavaScript does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client


@dataclass
class Form:
    action: str
    method: str
    id: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    # Each button's text, its name and value, and its own address, if it has one.
    buttons: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, name: str | None, value: str | None) -> None:
        if name:
            self.values.setdefault(name, []).append(value or "")


class PageParser(HTMLParser):
    """Collect the links and the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.form: Form | None = None
        # Boxes outside of their form: its ID, and their name.
        self.elsewhere: list[tuple[str, str]] = []
        self.open: dict[str, dict[str, str | None]] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            own = [given.get(name) or "" for name in ("action", "method", "id")]
            self.form = Form(own[0], own[1] or "get", own[2])
            self.forms.append(self.form)
        elif tag == "input":
            self._input(given)
        elif tag in {"a", "button", "textarea", "select", "option"}:
            self.open[tag] = given
            if tag != "select":
                self.text = ""
        if tag == "option" and self.form:
            name = self.open["select"].get("name") or ""
            if "selected" in given or name not in self.form.values:  # the first is the default
                self.form.values[name] = [given.get("value") or ""]

    def _input(self, given: dict[str, str | None]) -> None:
        kind = given.get("type") or "text"
        if given.get("form"):
            self.elsewhere.append((given["form"] or "", given.get("name") or ""))
            return
        if self.form is None:
            return
        if kind == "file":
            self.form.names.add(given.get("name") or "")
            return
        if kind != "hidden":
            self.form.names.add(given.get("name") or "")
        if kind not in {"checkbox", "radio"} or "checked" in given:
            self.form.add(given.get("name"), given.get("value"))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        given, text = self.open.pop(tag, {}), " ".join(self.text.split())
        if tag == "a":
            self.links.append((text, given.get("href") or ""))
        elif tag == "textarea" and self.form:
            self.form.add(given.get("name"), self.text.removeprefix("\n"))
        elif tag == "button" and self.form and (given.get("type") or "submit") == "submit":
            own = [given.get(name) or "" for name in ("name", "value", "formaction")]
            label = given.get("aria-label") or text
            self.form.buttons.append((label, own[0], own[1], own[2]))
        elif tag == "form":
            self.form = None


class Browser:
    """A browser without JavaScript. `page` is the response that it shows."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.page: Any = None

    @property
    def text(self) -> str:
        return " ".join(self.page.content.decode().split())

    @property
    def url(self) -> str:
        path: str = self.page.request["PATH_INFO"]
        return path

    def open(self, url: str) -> None:
        self._show(self.client.get(urljoin(self._here, url), follow=True))

    def follow(self, text: str) -> None:
        """Follow the first link with this text."""
        links = [href for found, href in self._parsed().links if found.startswith(text)]
        assert links, f"No link “{text}” on {self.url}"
        self.open(links[0])

    def press(self, text: str, inside: str = "", /, **typed: Any) -> None:
        """Press the first button with this text, after typing into its form.

        The form's address has `inside` in it.
        """
        for form in self._parsed().forms:
            for found, name, value, address in form.buttons:
                action = address or form.action
                if found.startswith(text) and inside in action:
                    self._submit(form, action, {name: [value]} if name else {}, typed)
                    return
        raise AssertionError(f"No button “{text}” on {self.url}")

    def enter(self, **typed: Any) -> None:
        """Type into the first form with these fields, and press Enter."""
        form = next(form for form in self._parsed().forms if typed.keys() <= form.names)
        self._submit(form, form.action, {}, typed)

    def _submit(
        self, form: Form, action: str, pressed: dict[str, list[str]], typed: dict[str, Any]
    ) -> None:
        unknown = typed.keys() - form.values.keys() - form.names
        assert not unknown, f"No field {unknown}, only {form.values.keys()}"
        data = {**form.values, **pressed, **typed}
        send = self.client.post if form.method.lower() == "post" else self.client.get
        url = urljoin(self._here, action)
        self._show(send(url, data, follow=True, HTTP_REFERER=f"http://testserver{self._here}"))

    @property
    def _here(self) -> str:
        if self.page is None:
            return "/"
        query = self.page.request["QUERY_STRING"]
        return f"{self.url}?{query}" if query else self.url

    def _show(self, page: Any) -> None:
        assert page.status_code < 500, page.status_code
        self.page = page

    def _parsed(self) -> PageParser:
        parser = PageParser()
        parser.feed(self.page.content.decode())
        for form in parser.forms:
            form.names |= {name for its, name in parser.elsewhere if its == form.id}
        return parser
