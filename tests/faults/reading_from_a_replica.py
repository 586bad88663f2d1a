"""Request lists without a pause. Print each round's statuses, and which database had the rows."""

import json
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

from tests import factories  # noqa: E402

PATHS = [
    "/leads/",
    "/leads/?q=bakery",
    "/messages/?q=status:error",
    "/leads/export/?q=bakery",
    "/palette/?q=bakery",
]


def main() -> None:
    call_command("migrate", verbosity=0)
    rita = factories.user(factories.organization("acme"), "rita")
    factories.lead(rita, "Bluebird Bakery")
    client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    client.force_login(rita)
    read = 0

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal read
        found = execute(sql, *rest)
        read += 'FROM "leads_lead"' in sql
        return found

    with connections["replica"].execute_wrapper(count):
        while True:
            responses = [client.get(path) for path in PATHS]
            found = [b"Bluebird" in b"".join(response) for response in responses]
            statuses = [response.status_code for response in responses]
            print(json.dumps({"statuses": statuses, "found": found, "read": read}), flush=True)  # noqa: T201
            read = 0


main()
