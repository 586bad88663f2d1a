"""Run axe on a page in each look: light and dark, wide and narrow.

Checking contrast takes most of axe's time, and its result depends only on a text's color and size
and what's behind it. So axe checks each combination once, however many texts and pages have it, and
the navigation, closed dialogs, and rows of lists only where they differ from earlier ones.

Every page is checked in light and dark, a theme there: a dark system gives the same colors,
and one page tests that. In the other looks, pages are checked only if a text differs in light or
dark from those that were checked in them. The second size needs all rules only if it shows or hides
a part of the page.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from axe_playwright_python.base import AxeResults
from playwright.sync_api import Page, ViewportSize

from tests.browser import layout
from tests.browser.copies import SETTLE, Copy
from tests.browser.static_files import AXE, FOLDER


class Size(NamedTuple):
    usual: ViewportSize
    smaller: ViewportSize


WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
SIZES = [Size(PHONE, layout.SMALLEST), Size(WIDE, layout.ZOOMED)]
NORMAL = {"contrast": "no-preference", "forced_colors": "none"}
LIGHT: dict[str, Any] = {**NORMAL, "color_scheme": "light"}
DARK: dict[str, Any] = {**NORMAL, "color_scheme": "dark"}
# The usual look needs all rules. These change only colors, so the rules about colors are enough.
LOOKS: dict[str, dict[str, Any]] = {
    "more contrast": {**DARK, "contrast": "more"},
    "forced colors": {**DARK, "forced_colors": "active"},
}
# All of axe's rules about colors, but for one that is stricter than level AA and off otherwise.
COLOR_RULES = ["color-contrast", "link-in-text-block"]
# The only other rule whose result depends on sizes, and not on what the page shows and hides.
SIZE_RULES = ["scrollable-region-focusable"]
# What has no violations: combinations of colors and sizes, and parts of the frame by width. Hashes,
# because all of them are sent to each page.
passed: set[str] = set()
# Texts that were checked in all looks, by their combinations in light and dark.
in_all_looks: set[str] = set()
# By its address, so that the browser compiles it once.
LOAD_AXE = f"""() => "axe" in window || new Promise((resolve) => {{
  const script = document.createElement("script");
  Object.assign(script, {{ src: "{FOLDER}{AXE}", onload: resolve }});
  document.head.append(script);
}})"""
HASH = """(text) => {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (hash * 31 + text.charCodeAt(at)) | 0;
  return `${hash}`;
}"""

# The elements with text, each with its combination of colors and sizes. Nothing shows through a
# plain background, and of the size, contrast depends only on whether it's large.
TEXTS = """() => {
  const known = new Map([[null, { text: "", behind: "", opacities: "" }]]);
  const look = (element) => {
    if (known.has(element)) return known.get(element);
    const style = getComputedStyle(element);
    const around = look(element.parentElement);
    const { backgroundColor: paint, backgroundImage: image, opacity } = style;
    const isPlain = paint.startsWith("rgb(") && image === "none";
    const isPainted = paint !== "rgba(0, 0, 0, 0)" || image !== "none";
    const isFloating = !["static", "relative"].includes(style.position);
    const behind = (isPlain ? "" : around.behind) + (isPainted ? `|${paint} ${image}` : "")
      + (isFloating && !isPlain ? `|${element.id} ${element.className}` : "");
    const opacities = around.opacities
      + (opacity === "1" ? "" : `|${opacity} over ${around.behind}`);
    const { color, fontSize, fontWeight, textShadow, textDecorationLine } = style;
    const text = [color, fontSize, fontWeight, textDecorationLine].join(" ");
    const size = parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && fontWeight >= 700);
    // Only a link has to differ from the text around it.
    const link = element.closest("a") && `${text} in ${around.text}`;
    const key = `${color} ${isLarge} ${textShadow} ${link} on ${behind} ${opacities}`;
    const found = { behind, opacities, text, key };
    known.set(element, found);
    return found;
  };
  const hasText = (element) => element.matches("input, select, textarea")
    || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")]
    .filter((element) => hasText(element) && element.checkVisibility())
    .map((element) => [element, look(element).key]);
}"""
FRAME = """() => {
  const parts = document.querySelectorAll(".navigation, dialog:not([open]), #results tbody");
  const html = (part) => part.outerHTML.replace(/ aria-current="page"| value="[^"]*"/g, "");
  return new Map([...parts].map((part) => [`${innerWidth} ${html(part)}`, part]));
}"""
CHECK = f"""async ([colorRules, rules, passed]) => {{
  await ({SETTLE})(document);
  await ({LOAD_AXE})();
  const isPassed = window.isPassed ??= new Set(passed.split(" "));
  const hashOf = {HASH};
  const options = {{ resultTypes: ["violations"], preload: false, iframes: false }};
  const found = [], hashes = new Set();
  const run = async (context, more) => {{
    found.push(...(await axe.run(context, {{ ...options, ...more }})).violations);
  }};
  const checkColors = async () => {{
    const texts = ({TEXTS})().map(([element, key]) => [element, hashOf(key)]);
    const fresh = new Map();
    for (const [element, hash] of texts) {{
      if (!isPassed.has(hash)) fresh.set(hash, element);
      hashes.add(hash);
    }}
    if (fresh.size) await run({{ include: [...fresh.values()] }}, {{ runOnly: colorRules }});
    return texts;
  }};
  const all = [...document.querySelectorAll("main, main *")];
  const shown = all.filter((each) => each.checkVisibility({{ visibilityProperty: true }}));
  const isSame = window.shown?.length === shown.length
    && window.shown.every((each, at) => each === shown[at]);
  const frame = [...({FRAME})()].map(([key, part]) => [part, hashOf(key)]);
  const isFrameKnown = frame.every(([, hash]) => isPassed.has(hash));
  if (rules === "size" && isSame && isFrameKnown) {{
    await run(document, {{ runOnly: {SIZE_RULES} }});
  }} else if (rules !== "colors") {{
    const off = Object.fromEntries(colorRules.map((rule) => [rule, {{ enabled: false }}]));
    const exclude = frame.filter(([, hash]) => isPassed.has(hash)).map(([part]) => part);
    await run({{ exclude }}, {{ rules: off }});
    frame.forEach(([, hash]) => hashes.add(hash));
    window.shown = shown;
  }}
  const texts = await checkColors(), inLightAndDark = new Set();
  if (rules !== "colors") {{
    document.documentElement.dataset.theme = "dark";
    const dark = new Map(await checkColors());
    delete document.documentElement.dataset.theme;
    texts.forEach(([each, hash]) => inLightAndDark.add(hashOf(`${{hash}} ${{dark.get(each)}}`)));
  }}
  const fresh = [...hashes].filter((hash) => !isPassed.has(hash));
  if (!found.length) fresh.forEach((hash) => isPassed.add(hash));
  return [found, fresh.join(" "), [...inLightAndDark].join(" ")];
}}"""


def run(
    page: Page, rules: Literal["all", "size", "colors"], *, is_known: bool = False
) -> tuple[str, set[str]]:
    """Return axe's report once the page has settled, and the texts' hashes in light and dark.

    Check all rules, or those that another size or another look needs. The page keeps what has
    passed, so it's sent only once.
    """
    before = "" if is_known else " ".join(passed)
    found, hashes, texts = page.evaluate(CHECK, [COLOR_RULES, rules, before])
    if found:
        report: str = AxeResults({"violations": found}).generate_report()
        return report, set()
    passed.update(hashes.split())
    return "", set(texts.split())


def violations(
    page: Page, size: ViewportSize, rules: Literal["all", "size"] = "all", *, is_known: bool = False
) -> dict[str, str]:
    """Return axe's reports of the page in this size by look."""
    layout.resize(page, size)
    report, texts = run(page, rules, is_known=is_known)
    reports = {f"light and dark, {size['width']} wide": report}
    if not report and texts <= in_all_looks:
        return reports
    for name, look in LOOKS.items():
        page.emulate_media(**look)
        reports[f"{name}, {size['width']} wide"], _ = run(page, "colors", is_known=True)
    page.emulate_media(**LIGHT)
    if not any(reports.values()):
        in_all_looks.update(texts)
    return reports


def problems_of(copy: Copy, sizes: Sequence[Size], *, is_known: bool) -> dict[str, str]:
    """Look at the copy in these sizes, and go to the second of them with large text."""
    page, (first, second) = copy.page, sizes
    found = {f"{first.smaller['width']} wide": layout.overflow(page, first.smaller)}
    found |= violations(page, first.usual, is_known=is_known)
    with layout.large_text(copy.session):
        for size in first.usual, second.usual:
            found[f"large text, {size['width']} wide"] = layout.fits(page, size)
    found |= violations(page, second.usual, "size", is_known=True)
    found[f"{second.smaller['width']} wide"] = layout.overflow(page, second.smaller)
    return found


def shift_of(window: Page, path: str) -> str:
    """Load the page. Return how much moves, empty if nothing does when it's loaded once more.

    On a busy machine, a table may be drawn before all rows are read, which can widen its columns.
    """
    moved = ""
    for _ in range(2):
        window.goto(path, wait_until="load")
        if not (moved := layout.shift(window)):
            break
    return moved


def check(page: Page, paths: Iterable[str]) -> None:
    """Visit each page. Fail with all that have violations, move while loading, or don't fit."""
    problems = {}
    copy = Copy(page)
    # A window for each size: one that gets another is drawn again.
    windows = {"phone": (page.context.new_page(), PHONE), "wide": (page, WIDE)}
    for window, size in windows.values():
        layout.resize(window, size)
    for number, path in enumerate(paths):
        found = {}
        for name, (window, _) in windows.items():
            found[f"shift, {name}"] = shift_of(window, path)
        copy.take()
        # Every other time backwards, for the same reason.
        sizes = SIZES[::-1] if number % 2 else SIZES
        found |= problems_of(copy, sizes, is_known=number > 0)
        if any(found.values()):
            problems[path] = {look: report for look, report in found.items() if report}
    copy.close()
    windows["phone"][0].close()
    assert not problems, problems
