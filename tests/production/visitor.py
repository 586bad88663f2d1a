"""A visitor whose browser has no JavaScript, and trusts the test's certificate."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from lxml import html


class Visitor:
    def __init__(self, base: str, certificate: Path) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(certificate)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request without following redirects, so that tests see each response."""
        return self.session.request(
            method, self.base + path, **{"timeout": 30, "allow_redirects": False, **options}
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def submit(self, path: str, action: str = "", **values: str) -> requests.Response:
        """Fill in the form on a page that has these fields, and submit it like a browser.

        `action` is the end of the form's action, for pages where several forms match.
        """
        page = self.session.get(self.base + path, timeout=30)
        assert page.status_code == 200, (path, page.status_code)
        form = next(
            form
            for form in html.fromstring(page.content).forms
            if values.keys() <= set(form.fields.keys()) and (form.action or "").endswith(action)
        )
        response = self.session.post(
            urljoin(page.url, form.action or ""),
            {**dict(form.form_values()), **values},
            headers={"Referer": page.url},
            timeout=30,
        )
        assert response.status_code == 200, (path, response.status_code)
        errors = html.fromstring(response.content).xpath(
            "//ul[contains(@class, 'errorlist')]//text()"
        )
        assert not errors, (path, [error.text_content() for error in errors])
        return response

    def sign_in(self, username: str, password: str) -> None:
        self.submit("/sign-in/", username=username, password=password)
        assert "sessionid" in self.session.cookies

    def set_up_app(self) -> None:
        """Set up an authenticator app, as administrators must after signing in."""
        page = self.session.get(self.base + "/account/security/app/", timeout=30)
        [form] = [form for form in html.fromstring(page.content).forms if "code" in form.fields]
        [secret] = form.xpath(".//code/text()")
        code = str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
        done = self.session.post(
            page.url,
            {**dict(form.form_values()), "code": code},
            headers={"Referer": page.url},
            timeout=30,
        )
        assert "Recovery codes" in done.text
