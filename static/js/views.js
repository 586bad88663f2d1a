"use strict";

// The saved views in the sidebar: the open one is marked, and their counts follow what happens. So
// does the number of unread notifications.

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
    document.body.dispatchEvent(new Event("notifications-changed"));
  }
}

// Hidden tabs look for notifications, which they may show on the desktop, but seldom.
const HIDDEN_TICKS = 4;
let ticks = 0;

setInterval(() => {
  ticks += 1;
  updateCounts();
  if (document.hidden && ticks % HIDDEN_TICKS === 0) {
    document.body.dispatchEvent(new Event("notifications-changed"));
  }
}, COUNT_EVERY);
document.addEventListener("visibilitychange", updateCounts);
