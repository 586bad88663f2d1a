from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def chunked_cursor(self) -> Any:
        """Return a cursor that the server keeps, or outside a transaction, an ordinary one.

        Between transactions, PgBouncer gives the connection to others, so a cursor of the server
        would be lost. Django opens one for the choices of each form. `streaming` keeps a
        transaction open for what's too long for memory.
        """
        return super().chunked_cursor() if self.in_atomic_block else self.cursor()
