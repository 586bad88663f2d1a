"""The sandbox's magic numbers: what it does with a text, by recipient or sender number.

+1 500 555 0001 to 0009 are Twilio's own test numbers
(https://www.twilio.com/docs/iam/test-credentials).
+1 500 555 0100 and above are the sandbox's. If a text fails later, the last two digits are
those of the code.
Texts to any other number are delivered, and questions are answered.

To start an outage, PATCH /control/ with {"unavailable": 1}. To end it, with {"unavailable": 0}.
{"unauthorized": 1} rejects our credentials.
"""

from dataclasses import dataclass

# The carrier's message for each code.
WORDS = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too many requests",
    20503: "Service unavailable",
    21211: "The 'To' number is not a valid phone number.",
    21212: "The 'From' number is not a valid phone number.",
    21266: "The 'To' and 'From' numbers cannot be the same.",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' number is not a message-capable number of this account.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages.",
    21612: "Message cannot be sent with this combination of 'To' and 'From' numbers.",
    21614: "The 'To' number is not a valid mobile number.",
    21617: "The message body exceeds the 1600 character limit.",
    21620: "Invalid media URL(s)",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30027: "T-Mobile daily message limit reached",
    30034: "Message from an unregistered number",
    30610: "Message couldn't be delivered",
}


@dataclass(frozen=True)
class Behavior:
    """What happens to a text.

    A `status` other than 0 is the HTTP status it's rejected with. `ends` is the last state of an
    accepted text, with `code` if it failed. `answer` is what the person texts back. With `hangs`,
    it's accepted, but the request never gets a response. With `picture`, the answer is one.
    """

    status: int = 0
    code: int = 0
    ends: str = "delivered"
    answer: str = ""
    hangs: bool = False
    picture: bool = False

    def __str__(self) -> str:
        if self.status:
            return f"rejected, HTTP {self.status}, {self.code}: {WORDS[self.code]}"
        if self.code:
            return f"accepted, later {self.ends}, {self.code}: {WORDS[self.code]}"
        if self.hangs:
            return "accepted and delivered, but the first request never gets a response"
        if self.picture:
            return "delivered, replies with a picture"
        return f"delivered, replies “{self.answer}”" if self.answer else "delivered"


GOOD = Behavior()

TO = {
    "+15005550001": Behavior(400, 21211),
    "+15005550002": Behavior(400, 21612),
    "+15005550003": Behavior(400, 21408),
    "+15005550004": Behavior(400, 21610),
    "+15005550009": Behavior(400, 21614),
    "+15005550103": Behavior(code=30003, ends="undelivered"),
    "+15005550104": Behavior(code=30004, ends="undelivered"),
    "+15005550105": Behavior(code=30005, ends="undelivered"),
    "+15005550106": Behavior(code=30006, ends="undelivered"),
    "+15005550107": Behavior(code=30007, ends="undelivered"),
    "+15005550108": Behavior(code=30008, ends="failed"),
    "+15005550110": Behavior(code=30610, ends="undelivered"),
    "+15005550127": Behavior(code=30027, ends="undelivered"),
    "+15005550134": Behavior(code=30034, ends="undelivered"),
    "+15005550120": Behavior(answer="STOP"),
    "+15005550121": Behavior(answer="please stop texting me"),
    "+15005550122": Behavior(picture=True),
    "+15005550150": Behavior(503, 20503),
    "+15005550151": Behavior(hangs=True),
    "+15005550152": Behavior(429, 20429),
}

FROM = {
    "+15005550001": Behavior(400, 21212),
    "+15005550006": GOOD,
    "+15005550007": Behavior(400, 21606),
    "+15005550008": Behavior(429, 21611),
}


def documentation() -> str:
    """Return what the sandbox shows at its own address."""
    to = "\n".join(f"  {number}  {behavior}" for number, behavior in TO.items())
    sender = "\n".join(f"  {number}  {behavior}" for number, behavior in FROM.items())
    return f"{__doc__}\nTexts to\n{to}\n\nTexts from\n{sender}\n"
