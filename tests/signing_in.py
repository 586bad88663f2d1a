"""Sign people in for tests of what asks for the password again."""

import time

from django.test import Client

from smscenter.accounts.models import User


def sign_in_now(client: Client, user: User) -> Client:
    """Sign a user in, so recently that no password is asked for again."""
    client.force_login(user)
    session = client.session
    session["signed_in_at"] = session["seen_at"] = int(time.time())
    session.save()
    return client
