"""What `make contract` compares with isn't part of this repository: say where it is."""

import os
from pathlib import Path

import pytest

NEEDS = """
`make contract` compares us with what Twilio publishes. It needs Node.js and two packages:

    npm install --prefix FOLDER @stoplight/prism-cli sms-segments-calculator

and the description of Twilio's API, spec/json/twilio_api_v2010.json in the repository
twilio/twilio-oai on GitHub. Then run

    make contract NODE_MODULES=FOLDER/node_modules TWILIO_OPENAPI=twilio_api_v2010.json
"""


def path(variable: str) -> Path:
    value = os.environ.get(variable, "")
    if not value or not Path(value).exists():
        pytest.exit(f"{variable} is {value!r}, which doesn't exist.\n{NEEDS}", returncode=2)
    return Path(value).resolve()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    return path("NODE_MODULES")


@pytest.fixture(scope="session")
def openapi() -> Path:
    return path("TWILIO_OPENAPI")
