"""The accounts of a carrier that speaks this protocol."""

from dataclasses import dataclass, field

# https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region
TWILIO_URL = "https://api.twilio.com"


@dataclass(frozen=True)
class Account:
    """An account or subaccount. Secrets aren't in its `repr`, which error reports show."""

    sid: str
    # Signs webhooks, and authenticates requests unless there's an API key.
    auth_token: str = field(repr=False)
    # Still signs webhooks during a rotation.
    old_auth_token: str = field(default="", repr=False)
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    # Sign webhooks for which Twilio has a rule. Two during a rotation.
    shared_keys: tuple[str, ...] = field(default=(), repr=False)
    region: str = ""
    edge: str = ""
    api_url: str = ""

    @property
    def url(self) -> str:
        """Return the address of its API."""
        if self.region and self.edge:
            return self.api_url or f"https://api.{self.edge}.{self.region}.twilio.com"
        return self.api_url or TWILIO_URL

    @property
    def login(self) -> str:
        """Return the username and password of HTTP Basic authentication."""
        key = self.api_key or self.sid
        return f"{key}:{self.api_secret if self.api_key else self.auth_token}"

    def signing_secrets(self, *, shared: bool) -> list[str]:
        """Return the secrets that its webhooks are signed with."""
        secrets = self.shared_keys if shared else (self.auth_token, self.old_auth_token)
        return [secret for secret in secrets if secret]
