"""What to suggest for words that people try, such as `failed_today`, and before they type."""

from leads.hooks.vocabulary import leads
from messaging.hooks.vocabulary import messages

FAILED = "failed failed_sms failed_text failed_texts failed_messages error errors sms_error"
leads.suggest_queries(
    **dict.fromkeys(FAILED.split(), "has:error_sms_messages"),
    **{
        f"{name}_{day}": f"sms(created:{day} status:error)"
        for name in FAILED.split()
        for day in ("today", "yesterday")
    },
    **dict.fromkeys(["opted_out", "opt_out", "unsubscribed"], "has:opted_out"),
    **dict.fromkeys(["unconfirmed", "uncertain"], "has:unconfirmed_sms"),
    sent_today="sms(sent:today)",
)
messages.suggest_queries(
    **dict.fromkeys(FAILED.split(), "status:error"),
    **dict.fromkeys(["unconfirmed", "uncertain"], "has:unconfirmed"),
    **{
        f"{name}_{day}": f"status:error created:{day}"
        for name in FAILED.split()
        for day in ("today", "yesterday")
    },
)

# The beginnings of the documented queries.
leads.suggest_first("failed_sms > ", "has:error_sms_messages", "sms(", "latest_sms_status:")
messages.suggest_first("status:", "reason:", "created:", "direction:")
