"""The pages of support in the navigation and the command palette."""

from smscenter.accounts.pages.destinations import Destination, destinations, is_anyone
from smscenter.support.models.states import is_reviewer

destinations.register(Destination("request_list", "Requests", "shield-check", key="r", place=50))
destinations.register(
    Destination("review_queue", "Review", "inbox-stack", key="q", place=60, is_for=is_reviewer)
)
destinations.register(Destination("help_index", "Help", "lifebuoy", place=90, is_for=is_anyone))
destinations.register(
    Destination("whitelist_request", "Request whitelisting", "shield-exclamation")
)
destinations.register(
    Destination("saved_reply_list", "Saved replies", "chat-bubble-left-right", is_for=is_reviewer)
)
destinations.register(
    Destination("contact_support", "Contact support", "chat-bubble-oval-left-ellipsis")
)
