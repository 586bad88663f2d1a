"""Run axe on a page in each look: light and dark, wide and narrow.

Checking contrast takes most of axe's time, and its result depends only on a text's color and size
and what's behind it. So axe checks each combination once, however many texts and pages have it, and
the navigation and closed dialogs only where they differ from those of an earlier page.
"""

from collections.abc import Iterable
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, ViewportSize

from tests.browser import layout
from tests.browser.settled import settle

WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
NORMAL = {"contrast": "no-preference", "forced_colors": "none"}
# The first needs all rules. The others change only colors, so the rules about colors are enough.
LOOKS: dict[str, dict[str, Any]] = {
    "light": {**NORMAL, "color_scheme": "light"},
    "dark": {**NORMAL, "color_scheme": "dark"},
    "more contrast": {**NORMAL, "contrast": "more"},
    "forced colors": {**NORMAL, "forced_colors": "active"},
}
# All of axe's rules about colors, but for one that is stricter than level AA and off otherwise.
COLOR_RULES = ["color-contrast", "link-in-text-block"]
# What has no violations: combinations of colors and sizes, and parts of the frame by width.
# Hashes, because all of them are sent to each page.
passed: set[int] = set()
HASH = """(text) => {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (hash * 31 + text.charCodeAt(at)) | 0;
  return hash;
}"""

COLORS_OF_TEXTS = """() => {
  const known = new Map([[null, { text: "", behind: "" }]]);
  const look = (element) => {
    if (known.has(element)) return known.get(element);
    const style = getComputedStyle(element);
    const around = look(element.parentElement);
    const { backgroundColor: paint, backgroundImage: image, opacity } = style;
    const isPainted = paint !== "rgba(0, 0, 0, 0)" || image !== "none" || opacity !== "1";
    const isFloating = !["static", "relative"].includes(style.position);
    const behind = around.behind + (isPainted ? `|${paint} ${image} ${opacity}` : "")
      + (isFloating ? `|${element.id} ${element.className}` : "");
    const { color, fontSize, fontWeight, textShadow, textDecorationLine } = style;
    const text = [color, fontSize, fontWeight, textShadow, textDecorationLine].join(" ");
    const found = { behind, text, key: `${text} in ${around.text} on ${behind}` };
    known.set(element, found);
    return found;
  };
  const hasText = (element) => element.matches("input, select, textarea")
    || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const texts = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (hasText(element) && element.checkVisibility()) texts.set(look(element).key, element);
  }
  return texts;
}"""
FRAME = """() => {
  const parts = document.querySelectorAll(".navigation, dialog:not([open])");
  const html = (part) => part.outerHTML.replace(/ aria-current="page"| value="[^"]*"/g, "");
  return new Map([...parts].map((part) => [`${innerWidth} ${html(part)}`, part]));
}"""
CHECK = f"""async ([passed, colorRules, isWhole]) => {{
  const isPassed = new Set(passed);
  const hashed = (map) => [...map].map(([key, element]) => [({HASH})(key), element]);
  const texts = hashed(({COLORS_OF_TEXTS})()), frame = isWhole ? hashed(({FRAME})()) : [];
  const fresh = texts.filter(([hash]) => !isPassed.has(hash)).map(([, element]) => element);
  const exclude = frame.filter(([hash]) => isPassed.has(hash)).map(([, element]) => element);
  const options = {{ resultTypes: ["violations"], preload: false, iframes: false }};
  const runs = [];
  if (isWhole) {{
    const rules = Object.fromEntries(colorRules.map((rule) => [rule, {{ enabled: false }}]));
    runs.push(await axe.run({{ exclude }}, {{ ...options, rules }}));
  }}
  if (fresh.length) {{
    runs.push(await axe.run({{ include: fresh }}, {{ ...options, runOnly: colorRules }}));
  }}
  return [runs, [...texts, ...frame].map(([hash]) => hash)];
}}"""


def violations(page: Page, *, only_colors: bool = False) -> str:
    """Return axe's report of the page once it has settled, empty without violations.

    Check all rules, or only those about colors.
    """
    settle(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    runs, hashes = page.evaluate(CHECK, [list(passed), COLOR_RULES, not only_colors])
    results = [AxeResults(run) for run in runs]
    reports = [each.generate_report() for each in results if each.violations_count]
    if not reports:
        passed.update(hashes)
    return "\n".join(reports)


def violations_in_each_look(page: Page, *viewports: ViewportSize) -> dict[str, str]:
    """Return axe's reports of the page by size and look, without the empty ones."""
    reports = {}
    for viewport in viewports or (WIDE, PHONE):
        page.set_viewport_size(viewport)
        for name, look in LOOKS.items():
            page.emulate_media(**look)
            reports[f"{name}, {viewport['width']} wide"] = violations(
                page, only_colors=name != "light"
            )
    page.emulate_media(**LOOKS["light"])
    return {look: report for look, report in reports.items() if report}


def check(page: Page, paths: Iterable[str]) -> None:
    """Visit each page. Fail with all that have violations, move while loading, or don't fit."""
    problems = {}
    for path in paths:
        shifts = []
        for viewport in (PHONE, WIDE):
            page.set_viewport_size(viewport)
            page.goto(path, wait_until="load")
            shifts.append(layout.shift(page))
        found = violations_in_each_look(page)
        found["shift"] = " ".join(shifts).strip()
        found["width"] = layout.overflow(page)
        found["large text"] = layout.large_text(page)
        if any(found.values()):
            problems[path] = {look: report for look, report in found.items() if report}
    assert not problems, problems
