import json
import sys
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet

from search import Problem, QueryError, Result, run
from search.limits import translate_errors
from search.words import vocabulary
from smscenter.management.migrated import MigratedCommand

WRONG_QUERY = 2


class Command(MigratedCommand):
    help = "Search rows as a user. The exit code is 0, or 2 for an invalid query."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query")
        parser.add_argument("--model", choices=vocabulary.keys(), default="lead")
        parser.add_argument(
            "--organization",
            metavar="SLUG",
            help="The user's organization. Leave it out for support staff.",
        )
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--format", choices=["table", "json"], default="table")
        parser.add_argument("--limit", type=int, default=50, help="Maximum number of rows to show.")
        parser.add_argument("--sql", action="store_true", help="Print the SQL query to stderr.")
        parser.add_argument(
            "--explain", action="store_true", help="Print the query plan to stderr."
        )

    def handle(self, *_: Any, query: str, **options: Any) -> None:
        user = self._user(options["user"], options["organization"])
        try:
            with translate_errors(query):
                self._run(query, user, options)
        except QueryError as error:
            if options["format"] == "json":
                self.stdout.write(json.dumps({"error": error.problem.as_dict()}))
            else:
                self._show_problem(query, error.problem)
            sys.exit(WRONG_QUERY)

    def _run(self, query: str, user: Any, options: dict[str, Any]) -> None:
        """Run the search. Raise QueryError for a mistake."""
        show = self._show_json if options["format"] == "json" else self._show_table
        result = run(options["model"], query, user)
        rows = result.rows.order_by(*(result.order or ["id"]))
        if options["sql"]:
            self._show_plan(lambda: str(rows.query))
        if options["explain"]:
            self._show_plan(rows.explain)
        show(query, result, rows, max(0, options["limit"]))

    def _show_plan(self, describe: Callable[[], str]) -> None:
        """Print to stderr, because programs read the results from stdout."""
        try:
            self.stderr.write(describe())
        except EmptyResultSet:
            self.stderr.write("Nothing can match, so there's no SQL.")

    def _user(self, name: str, slug: str | None) -> Any:
        users = get_user_model()._default_manager
        user = users.filter(username=name, organization__slug=slug).first()
        if user is None:
            where = f"in the organization {slug}" if slug else "without an organization"
            raise CommandError(f"No user {name} {where}.")
        return user

    def _show_json(self, query: str, result: Result, rows: QuerySet[Any], limit: int) -> None:
        shown = self._first(result, rows, limit)
        output = {
            "query": query,
            "interpretation": result.interpretation,
            "count": self._count(result),
            "ids": [row.pk for row in shown],
            "names": [str(row) for row in shown],
            "warnings": [warning.as_dict() for warning in result.warnings],
        }
        self.stdout.write(json.dumps(output))

    def _show_table(self, query: str, result: Result, rows: QuerySet[Any], limit: int) -> None:
        self.stdout.write(result.interpretation)
        for warning in result.warnings:
            self._show_problem(query, warning)
        for row in self._first(result, rows, limit):
            self.stdout.write(f"{row.pk:>10}  {row}")
        self.stdout.write(f"{self._count(result)} found")

    def _first(self, result: Result, rows: QuerySet[Any], limit: int) -> list[Any]:
        return list(rows[: min(limit, result.limit or limit)])

    def _count(self, result: Result) -> int:
        count = result.rows.order_by().count()
        return min(count, result.limit) if result.limit else count

    def _show_problem(self, query: str, problem: Problem) -> None:
        marked = f"{' ' * problem.start}{'^' * max(1, problem.end - problem.start)}"
        self.stdout.write(f"{query}\n{marked} {problem.code}: {problem.message} {problem.hint}")
        for fix in problem.fixes:
            self.stdout.write(f"Did you mean: {fix.query}{f' ({fix.count})' if fix.count else ''}")
