"""Bare words that probably mean something else, such as the name of a search field.

They're searched as words, because a lead may have that name. A suggestion is shown next to the
results.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from search.language.errors import Code, Problem, replace_span
from search.language.mistakes import (
    CUSTOM_FIELD_MISTAKE,
    FIELD_MISTAKES,
    GROUP_MISTAKE,
    HAS_MISTAKE,
    SORT_MISTAKE,
    Mistake,
    find_matches,
    match_mistake,
)
from search.language.tree import (
    And,
    Comparison,
    Expression,
    Or,
    Phrase,
    Query,
    Value,
    Word,
    as_value,
    quoted,
)
from search.words.choice_fields import ChoiceField, underscored
from search.words.context import SearchContext
from search.words.fields import Field, ReadingError
from search.words.text_lookups import is_searchable
from search.words.vocabulary import Vocabulary

# Field names that are common words.
PREPOSITIONS = frozenset({"to", "from"})
SHORTEST = 3  # letters of a word that queries are suggested for


@dataclass(frozen=True)
class BareWords:
    text: str
    context: SearchContext

    def check_query(self, query: Query, vocabulary: Vocabulary) -> Iterator[Problem]:
        """Yield warnings about the query as a whole."""
        for match in find_matches(SORT_MISTAKE.pattern, self.text):
            yield SORT_MISTAKE.problem(Code.BARE_WORD, self.text, match)
        where = query.where
        if isinstance(where, Word) and self._is_unknown(where, vocabulary):
            noun = vocabulary.untracked_noun(where.text)
            message = f"{noun[0].upper()}{noun[1:]} aren't tracked here."
            hint = f"“{where.text}” was searched as a word."
            yield Problem(Code.NOT_TRACKED, message, where.start, where.end, hint)
        terms = where.terms if isinstance(where, And) else (where,) if where else ()
        for run in self._runs(terms):
            yield from self._suggest(run, vocabulary)

    def _is_unknown(self, word: Word, vocabulary: Vocabulary) -> bool:
        name = word.text.lower()
        known = vocabulary.field(name, self.context) or name in vocabulary.suggested_queries
        return bool(not known and vocabulary.untracked_noun(name))

    def check_terms(self, terms: Sequence[Expression], vocabulary: Vocabulary) -> Iterator[Problem]:
        """Yield warnings about names of fields and groups, with the words that follow."""
        done = 0
        for term in terms:
            if not isinstance(term, Word) or term.start < done:
                continue
            problem = self._name(term, vocabulary)
            if problem:
                done = problem.end
                yield problem

    def _name(self, word: Word, vocabulary: Vocabulary) -> Problem | None:
        match word.text.lower():
            case "has":
                return self._has(word, vocabulary)
            case "custom.":
                return self._match(CUSTOM_FIELD_MISTAKE, word)
            case name if name in PREPOSITIONS:
                return None
            case name:
                is_group = vocabulary.group(name) is not None
                found = self._group(word) if is_group else None
                if found is None and vocabulary.field(name, self.context):
                    return self._field(word)
                return found or (self._group_without_terms(word) if is_group else None)

    def _group(self, word: Word) -> Problem | None:
        problem = self._match(GROUP_MISTAKE, word)
        return self._as_bare_word(problem, word, "a group of search fields") if problem else None

    def _group_without_terms(self, word: Word) -> Problem:
        group = f"{word.text}()"
        problem = Problem(Code.BARE_WORD, "", word.start, word.end, f"Use `{group}` to find any.")
        return self._as_bare_word(
            problem.with_replacements(self.text, group), word, "a search field"
        )

    def _field(self, word: Word) -> Problem:
        found = (self._match(each, word) for each in FIELD_MISTAKES)
        problem = next(problem for problem in found if problem and problem.fixes)
        any_value = replace_span(self.text, word.start, word.end, f"{word.text}:*")
        others = [*(fix.query for fix in problem.fallback_fixes), any_value]
        return self._as_bare_word(problem.with_fallbacks(*others), word, "a search field")

    def _has(self, word: Word, vocabulary: Vocabulary) -> Problem | None:
        problem = self._match(HAS_MISTAKE, word)
        match = HAS_MISTAKE.pattern.match(self.text, word.start)
        names = vocabulary.has_names(self.context)
        return problem if match and match["value"].lower() in names else None

    def _match(self, mistake: Mistake, word: Word) -> Problem | None:
        return match_mistake(mistake, self.text, word.start, Code.BARE_WORD)

    def _as_bare_word(self, problem: Problem, word: Word, what: str) -> Problem:
        message = f"“{word.text}” is {what}, but it was searched as a word here."
        hint = problem.hint or problem.message
        return replace(problem, message=message, hint=hint)

    # --- `status:potential or customer`

    def check_alternatives(self, node: Or, vocabulary: Vocabulary) -> Iterator[Problem]:
        """Yield warnings about words after `or` that are values of the field before it."""
        for place, term in enumerate(node.terms):
            if isinstance(term, Comparison) and term.operator in {":", "="}:
                found = vocabulary.field(term.name.text, self.context)
                words = self._values_after_or(node.terms[place + 1 :], found) if found else []
                if words:
                    yield self._listed(term, words)

    def _values_after_or(
        self, terms: Sequence[Expression], found: Field
    ) -> list[tuple[str, Expression]]:
        values: list[tuple[str, Expression]] = []
        for term in terms:
            words = term.terms if isinstance(term, And) else (term,)
            typed = " ".join(word.text for word in words if isinstance(word, Word))
            plain = all(isinstance(word, Word) for word in words)
            if not plain or not self._is_value(typed, found):
                break
            values.append((as_value(typed), term))
        return values

    def _is_value(self, typed: str, found: Field) -> bool:
        if found.kind in {"text", "number or text"}:
            return False
        try:
            found.q("=", Value(0, 0, typed), self.context)
        except ReadingError:
            return False
        return True

    def _listed(self, term: Comparison, words: list[tuple[str, Expression]]) -> Problem:
        typed, first = words[0]
        either = f"{term.name} in ({', '.join([str(term.value), *(value for value, _ in words)])})"
        message = (
            f"“{typed.strip(chr(34))}” was searched as a word, not as a value of `{term.name}`."
        )
        problem = Problem(Code.BARE_WORD, message, first.start, first.end)
        return problem.with_fixes(replace_span(self.text, term.start, words[-1][1].end, either))

    # --- `failed today`

    def _runs(self, terms: Sequence[Expression]) -> Iterator[list[Word | Phrase]]:
        run: list[Word | Phrase] = []
        for term in terms:
            if isinstance(term, Word | Phrase) and is_searchable(term.text):
                run.append(term)
            elif run:
                yield run
                run = []
        if run:
            yield run

    def _suggest(self, run: list[Word | Phrase], vocabulary: Vocabulary) -> Iterator[Problem]:
        typed = " ".join(term.text for term in run).lower()
        if len(typed) < SHORTEST:
            return
        queries = [
            *self._suggested_views(typed, vocabulary),
            *self._suggested_queries(typed, vocabulary),
        ]
        start, end = run[0].start, run[-1].end
        if queries:
            what = "a word" if len(run) == 1 and " " not in typed else "words"
            message = f"“{self.text[start:end]}” was searched as {what}. Did you mean this?"
            problem = Problem(Code.BARE_WORD, message, start, end, count_rows=True)
            yield problem.with_replacements(self.text, *queries)

    def _suggested_views(self, typed: str, vocabulary: Vocabulary) -> Iterator[str]:
        view = self.context.saved_view(vocabulary.key, typed)
        if view is not None:
            yield f"in:{quoted(view.name)}"

    def _suggested_queries(self, typed: str, vocabulary: Vocabulary) -> Iterator[str]:
        if query := vocabulary.suggested_queries.get(" ".join(typed.replace("-", " ").split())):
            yield query
        for each in (*vocabulary.fields, *vocabulary.custom_fields(self.context).values()):
            yield from self._suggested_values(each, typed, "{}")
        for group in vocabulary.groups:
            for each in group.vocabulary.fields:
                yield from self._suggested_values(each, typed, f"{group.all_names[0]}({{}})")

    def _suggested_values(self, each: Field, typed: str, template: str) -> Iterator[str]:
        if isinstance(each, ChoiceField):
            for option in each.options(self.context):
                if underscored(typed) in each.names_of(option):
                    value = underscored(typed) if each.by_value else as_value(option.label)
                    name = each.name if " " not in each.name else quoted(f"custom.{each.name}")
                    yield template.format(f"{name}:{value}")
