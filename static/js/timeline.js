"use strict";

// Keeps an open lead page up to date. It polls for changes to its pending activities
// (leads/views/lead.py, lead_news), and to all of them when the user returns to it, except for
// those being edited.

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.closest("#news")) {
    const isReturning = detail.triggeringEvent?.type === "focus";
    const watched = isReturning ? ":is([data-pending], [data-version]):not(:has(> form, :popover-open))" : "[data-pending]";
    const activities = [...document.querySelectorAll(`#timeline ${watched}`)];
    detail.parameters.pending = activities.map(({ dataset }) => dataset.pending ?? dataset.version);
  }
});

// Don't replace an activity that the user started to edit, or that the response to a click is about to
// replace; the next poll updates it.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target.matches("#timeline > :has(> form, :popover-open, .htmx-request)")) {
    detail.shouldSwap = false;
  }
});

// Activities that arrive on an open page share a day, or a group, with those next to them.
function groupActivities() {
  let above;
  for (const activity of document.querySelectorAll("#timeline > .activity")) {
    const isSameDay = activity.dataset.day === above?.dataset.day;
    const isSameRun = isSameDay && activity.dataset.run !== undefined && activity.dataset.run === above.dataset.run;
    const day = activity.querySelector(":scope > .day");
    if (day) {
      day.hidden = isSameDay;
    }
    activity.classList.toggle("same-run", isSameRun);
    above = activity;
  }
}

for (const type of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
  document.addEventListener(type, groupActivities);
}
