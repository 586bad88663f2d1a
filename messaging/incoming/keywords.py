"""Detect opt-out, opt-in, and help requests in incoming texts: keywords or own words."""

import re
import unicodedata
from functools import cache

from django.db import models


class Keyword(models.TextChoices):
    """A text that consists of one keyword. Carriers handle most of them by themselves."""

    STOP = "stop", "Stop"
    START = "start", "Start"
    HELP = "help", "Help"


KEYWORDS = {
    word: keyword
    for keyword, words in {
        # The FCC's words of 2025, another one that carriers know, French, and Spanish.
        Keyword.STOP: "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT "
        "REMOVE ARRET PARE ALTO",
        Keyword.START: "START YES UNSTOP",
        Keyword.HELP: "HELP INFO AIDE AYUDA",
    }.items()
    for word in words.split()
}

# Mistyped, these are hardly another word.
MISTYPED = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "REVOKE", "OPTOUT", "REMOVE", "ARRET")

ME = r"(?:me|us|my (?:name|number|phone)|this (?:name|number|phone))"
NOT = r"(?:don'?t|do not|never|no longer)"
TEXTS = r"(?:texts?|txts?|messages?|msgs?|sms)"
PLEASE = r"(?:no|ok|okay|please|pls|plz|just|thanks|thank you|i said|again|and|so)"
NOW = r"(?:it|this|now|please|pls|plz|already|everything|all|thanks|thank you)"
HEAR = rf"(?:{TEXTS}|texted|contacted|hear(?:ing)? from you)"
LIMITED = r"(?:before|after|until|till|when|while|during|if|yet|now|right|on|in|at (?!all))"
START, END = r"(?:^|[.,;:!?\n]) ?", r" ?(?:$|[.,;:!?\n])"

# These match folded text. A match only asks a person to read the text, so a pattern may be wrong
# occasionally, but not for everyday sentences that contain these words.
WISHES = re.compile(
    "|".join(
        (
            # please stop texting me, quit sending these
            r"\b(?:stop|quit|cease) (?:\w+ )?(?:text|messag|contact|call|bother|harass|spamm)ing",
            r"\b(?:stop|quit|cease) sending",
            # stop these messages, stop the spam
            rf"\bstop (?:the|these|those|this|all|your|with) (?:\w+ )?(?:{TEXTS}|spam|nonsense)\b",
            # a sentence of its own: no thanks, stop. Please stop! I said stop
            rf"{START}(?:{PLEASE} )*stop(?: {NOW})*{END}",
            # don't text me anymore, but not: don't text me before nine
            rf"\b{NOT} (?:ever )?(?:text|message|msg|contact|sms) {ME}\b(?! {LIMITED})",
            # remove me, take me off your list, lose my number
            rf"\b(?:remove|delete|unsubscribe|erase) {ME}\b",
            rf"\btak(?:e|ing) {ME} (?:off|out of|from)\b",
            r"\blose (?:my|this) number\b",
            r"\bleave (?:me|us) alone\b",
            # how do I unsubscribe? I want to opt out
            r"\bunsubscrib|\bopt(?:ing|ed)?[ -]?(?:me )?out\b",
            # no more texts, I don't want your messages, don't want to hear from you
            rf"\bno more (?:\w+ )?{TEXTS}\b",
            rf"\b{NOT} (?:want|wish|like)\b(?! to miss)[^.!?\n]{{0,30}}\b{HEAR}\b",
            # may be a new owner, who never agreed to texts
            r"\b(?:wrong|not my) (?:number|person)\b|\bwrong #",
            r"\bnumero equivocado\b|\b(?:mauvais|faux) numero\b",
            # people in the US and Canada also write in French and Spanish
            r"\b(?:arretez?|cessez) d[e'] ?(?:\w+[ '])?(?:envoyer|ecrire|texter|contacter)",
            r"\b(?:dejen?|paren?) de (?:enviar|mandar|escribir|textear)",
            r"\bno (?:me |nos )?(?:escrib|mand|envi)\w+ mas\b",
            r"\b(?:retirez|enlevez|supprimez)[ -](?:moi|mon numero)\b",
            r"\b(?:quit|borr|elimin|saqu)[ae]n?me\b",
        )
    )
)
# I can't stop thinking about it; don't stop texting me; no texting and driving.
NO_WISH = re.compile(
    r"\b(?:can ?not|can'?t|couldn'?t|don'?t|do not|won'?t|will not|didn'?t|never) (?:ever )?stop"
    r"|\b(?:texting|messaging) (?:and|while) driving"
)
# Words that only look like mistyped ones.
WORDS = {"TOP", "STOPPAL"}
LONGEST_READ = 2_000


def read_keyword(text: str) -> Keyword | None:
    """Return the text's keyword, ignoring case, punctuation, and white space, or None."""
    folded = _fold(text)
    keyword = KEYWORDS.get(_letters(folded))
    if keyword is None and _is_repeated_stop(folded):
        return Keyword.STOP
    return keyword


def _is_repeated_stop(folded: str) -> bool:
    """Return whether each word is one for STOP: “Stop stop”, “STOP, END”."""
    words = [word for word in map(_letters, folded.split()) if word]
    return bool(words) and all(KEYWORDS.get(word) == Keyword.STOP for word in words)


def sounds_like_opt_out(text: str) -> bool:
    """Return whether the text may be an opt-out that a person should read."""
    folded = _fold(text)
    return WISHES.search(NO_WISH.sub("", folded)) is not None or _is_mistyped(_letters(folded))


def _is_mistyped(word: str) -> bool:
    """Return whether one letter of a keyword is missing, doubled, or swapped with the next one."""
    return len(word) > 2 and any(word in _typos(keyword) for keyword in MISTYPED)


@cache
def _typos(word: str) -> frozenset[str]:
    places = range(len(word))
    missing = {word[:i] + word[i + 1 :] for i in places}
    doubled = {word[:i] + word[i] + word[i:] for i in places}
    swapped = {word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :] for i in places}
    return frozenset((missing | doubled | swapped) - WORDS - {word})


def _letters(folded: str) -> str:
    return re.sub(r"[\W_]+", "", folded).upper()


def _fold(text: str) -> str:
    """Return the text in lower case, without accents, with straight apostrophes."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST_READ].replace("’", "'")).casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^\S\n]+", " ", letters).strip()
