"use strict";

// The focus after a swap. The server names the element that the next key belongs to (`autofocus`), and
// htmx keeps the focus on an element whose id is still there. Otherwise the focus goes to what's closest
// to where it was: the same part of the page, or the next one if that was deleted.

let nearby = null; // what had the focus before the swap, and the ids around it

function idsAround(element) {
  const ids = [];
  for (let part = element; part && part !== document.body; part = part.parentElement) {
    const besides = part.matches("li") ? [part, part.nextElementSibling, part.previousElementSibling] : [part];
    ids.push(...besides.map((each) => each?.id).filter(Boolean));
  }
  return ids;
}

function focusOn(element) {
  const target = element.matches("details") ? element.querySelector("summary") : element;
  if (target.tabIndex < 0) {
    target.tabIndex = -1;
  }
  target.focus({ preventScroll: true });
}

// A button that's disabled while its request runs has lost the focus already.
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig } }) => {
  const focused = document.activeElement;
  const isByUser = ["click", "submit", "change"].includes(requestConfig.triggeringEvent?.type);
  const origin = focused !== document.body ? focused : isByUser && requestConfig.elt;
  if (origin || nearby?.origin.isConnected) {
    nearby = origin ? { origin, ids: idsAround(origin) } : null;
  } // else a poll comes in between, and the focus is about to move
});

function restoreFocus() {
  if (nearby && !nearby.origin.isConnected && document.activeElement === document.body) {
    const next = nearby.ids.map((id) => document.getElementById(id)).find((each) => each?.checkVisibility());
    if (next) {
      focusOn(next);
    }
    nearby = null;
  }
}

// After all other listeners, which may know better. Nothing settles where a row was deleted.
const SETTLED_MS = 50; // longer than htmx takes to settle

document.addEventListener("htmx:afterSettle", () => queueMicrotask(restoreFocus));
document.addEventListener("htmx:afterRequest", () => setTimeout(() => {
  restoreFocus();
  if (!nearby?.origin.isConnected) {
    nearby = null; // the focus is where something else has put it
  }
}, SETTLED_MS));
