"use strict";

// The saved views in the sidebar: the open one is marked, and their counts follow what happens.

const COUNT_EVERY = 15_000; // milliseconds; the server limits how often it counts

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

function updateCounts() {
  if (!document.hidden) {
    document.body.dispatchEvent(new Event("views-changed"));
  }
}

setInterval(updateCounts, COUNT_EVERY);
document.addEventListener("visibilitychange", updateCounts);
