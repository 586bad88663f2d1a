from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env

SQLITE = "django.db.backends.sqlite3"
# A replica whose machine is gone doesn't refuse connections, so don't wait for it for minutes.
IMPATIENT = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def read(env: Env, primary: dict[str, Any]) -> dict[str, Any]:
    """Return the settings by name, and none without a replica. Raises ImproperlyConfigured."""
    if not env.str("REPLICA_DATABASE_URL", default=""):
        return {}
    found = env.dj_db_url("REPLICA_DATABASE_URL", conn_max_age=60, conn_health_checks=True)
    if SQLITE in {found["ENGINE"], primary["ENGINE"]}:
        raise ImproperlyConfigured(
            "REPLICA_DATABASE_URL and DATABASE_URL must both be PostgreSQL: postgresql://host/name."
        )
    same = {"ENGINE": primary["ENGINE"], "OPTIONS": primary["OPTIONS"] | IMPATIENT}
    replica = found | same | {"TEST": {"MIRROR": "default"}}
    return {
        "DATABASES": {"default": primary, "replica": replica},
        "DATABASE_ROUTERS": ["smscenter.database.replica.reading.Router"],
    }
