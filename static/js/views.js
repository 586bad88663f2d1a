"use strict";

// The saved views in the sidebar: the open one is marked, and their counts follow what happens. So do
// the badges in the navigation, which the page's title repeats, and the number of unread notifications,
// which come with them, and whatever else listens to "views-changed" on the page.

const COUNT_EVERY = 15_000; // milliseconds; the server limits how often it counts
const HIDDEN_EVERY = 60_000; // in a tab that nobody sees: the badges only, for its title, and the bell

function markView() {
  const view = new URLSearchParams(location.search).get("view");
  for (const link of document.querySelectorAll(".views a[href*='view=']")) {
    if (view && new URL(link.href).searchParams.get("view") === view) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

for (const type of ["htmx:afterSettle", "htmx:pushedIntoHistory", "htmx:historyRestore"]) {
  document.addEventListener(type, markView);
}

function showBadgeInTitle() {
  const badge = document.querySelector(".navigation .badge-count:not([hidden])");
  const title = document.title.replace(/^\(\d+\+?\) /, "");
  const shown = badge ? `(${badge.firstChild.data.trim()}) ${title}` : title;
  if (document.title !== shown) {
    document.title = shown;
  }
}

document.addEventListener("htmx:afterSettle", showBadgeInTitle);

let countedAt = Date.now();

function updateCounts() {
  const every = document.hidden ? HIDDEN_EVERY : COUNT_EVERY;
  if (Date.now() - countedAt >= every - 1000) {
    countedAt = Date.now();
    document.body.dispatchEvent(new Event(document.hidden ? "notifications-changed" : "views-changed"));
  }
}

setInterval(updateCounts, COUNT_EVERY);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    countedAt = -Infinity;
    updateCounts();
  }
});
