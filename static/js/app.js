"use strict";

// The pages work without this file. It says what went wrong when a part of a page could not be
// loaded, and gives the keyboard what a mouse has.

const trouble = document.getElementById("trouble");

function say(text) {
  trouble.textContent = text;
  trouble.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { trouble.hidden = true; }, 8000);
}

document.addEventListener("htmx:sendError", () => {
  say("The server did not answer. Check your connection; nothing was lost.");
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 403) {
    say("You may not do this, or this page is too old. Load it again.");
  } else if (status === 404) {
    say("This is no longer there. Load the page again.");
  } else {
    say("Something went wrong on our side. Try again in a moment.");
  }
});

// An open lead page asks for news of what may still change on it (leads/views/lead.py, lead_news),
// and of everything when somebody comes back to it; but for what is being edited.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id === "news") {
    const isBack = event.detail.triggeringEvent?.type === "focus";
    const asked = isBack ? ":is([data-pending], [data-version]):not(:has(> form))" : "[data-pending]";
    const activities = [...document.querySelectorAll(`#timeline ${asked}`)];
    event.detail.parameters.pending = activities.map(({ dataset }) => dataset.pending ?? dataset.version);
  }
});

// Signed out in another tab: the answer is the sign-in page, which belongs into the whole window.
document.addEventListener("htmx:beforeSwap", (event) => {
  const url = new URL(event.detail.xhr.responseURL || location.href);
  if (url.pathname === "/sign-in/" && location.pathname !== "/sign-in/") {
    event.detail.shouldSwap = false;
    location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});

// A form that came back goes on where something is wrong.
document.querySelector("main [aria-invalid=true]")?.focus();

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[role=search] input:not([type=hidden])");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
