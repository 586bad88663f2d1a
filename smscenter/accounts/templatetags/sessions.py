from allauth.usersessions.models import UserSession
from django import template

register = template.Library()

# What user agents contain, in the order to look: Edge and Chrome also claim to be Safari.
BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


@register.filter
def device(session: UserSession) -> str:
    """Return what a session's browser calls itself, such as `Chrome on Windows`."""
    agent = session.user_agent
    browser = next((name for part, name in BROWSERS.items() if part in agent), "A browser")
    system = next((name for part, name in SYSTEMS.items() if part in agent), "")
    return f"{browser} on {system}" if system else browser
