"""Search help articles. Articles with more of the rarer words come first."""

import re
from collections import Counter, defaultdict
from functools import cache
from math import log

from smscenter.support.help import article
from smscenter.support.help.article import Article

WORD = re.compile(r"[^\W_]+")
LONGEST_QUERY = 200
TITLE, SUMMARY, BODY = 8, 4, 1
# One long article about everything must not win by repeating a word.
MOST_HITS = 5


def words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)]


@cache
def _index() -> dict[str, Counter[str]]:
    """Return the weight of each word in each article, by slug."""
    return {slug: _weights(page) for slug, page in article.library().items()}


def _weights(page: Article) -> Counter[str]:
    weights = Counter(words(page.source))
    weights = Counter({word: min(hits, MOST_HITS) * BODY for word, hits in weights.items()})
    weights.update(dict.fromkeys(words(page.title), TITLE))
    weights.update(dict.fromkeys(words(page.summary), SUMMARY))
    return weights


def search(query: str) -> list[Article]:
    """Return articles that contain a word starting with a word of the query, best first.

    What most articles contain, such as “the”, finds none beside other words.
    """
    found = [_scores(prefix) for prefix in set(words(query[:LONGEST_QUERY]))]
    telling = [each for each in found if len(each) <= len(_index()) / 2]
    scores: defaultdict[str, float] = defaultdict(float)
    for each in telling or found:
        for slug, score in each.items():
            scores[slug] += score
    return [article.get(slug) for slug in sorted(scores, key=lambda slug: (-scores[slug], slug))]


def _scores(prefix: str) -> dict[str, float]:
    """Return how well each article matches a word. Common words count less."""
    hits = {
        slug: sum(weight for word, weight in weights.items() if word.startswith(prefix))
        for slug, weights in _index().items()
    }
    found = {slug: weight for slug, weight in hits.items() if weight}
    return {slug: weight * log(1 + len(hits) / len(found)) for slug, weight in found.items()}
