"use strict";

// The pages work without this file. It reports failed requests, keeps responses from overwriting
// what the user typed in the meantime, and adds keyboard shortcuts.

const trouble = document.getElementById("trouble");

function say(text) {
  if (trouble.hidden || trouble.textContent !== text) { // or screen readers repeat it
    trouble.textContent = text;
    trouble.hidden = false;
  }
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { trouble.hidden = true; }, 8000);
}

document.addEventListener("htmx:sendError", () => {
  say("Can't reach the server. Check your connection. Nothing was lost.");
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (event.detail.xhr.getResponseHeader("X-Page-Owner")) {
    return; // page_owner.js reports it
  }
  if (status === 403) {
    say("You don't have permission, or this page has expired. Reload it.");
  } else if (status === 404) {
    say("This no longer exists. Reload the page.");
  } else {
    const reference = event.detail.xhr.getResponseHeader("X-Request-ID");
    say(`Something went wrong on our side. Try again in a moment. Reference: ${reference}`);
  }
});

// An open lead page polls for changes to its pending activities (leads/views/lead.py, lead_news),
// and to all of them when the user returns to it, except for those being edited.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.closest("#news")) {
    const isBack = event.detail.triggeringEvent?.type === "focus";
    const asked = isBack ? ":is([data-pending], [data-version]):not(:has(> form))" : "[data-pending]";
    const activities = [...document.querySelectorAll(`#timeline ${asked}`)];
    event.detail.parameters.pending = activities.map(({ dataset }) => dataset.pending ?? dataset.version);
  }
});

// Don't replace an activity that the user started to edit; the next poll updates it.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.matches("#timeline > :has(> form)")) {
    event.detail.shouldSwap = false;
  }
});

// The lead's contacts changed: reload the composer, but keep what the user typed in the meantime.
function written() {
  return String(new URLSearchParams(new FormData(document.querySelector("#composer form") ?? undefined)));
}

document.addEventListener("htmx:configRequest", ({ detail: { elt } }) => {
  if (elt.id === "composer-again") {
    elt.written = written();
  }
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (elt.id === "composer-again" && elt.written !== written()) {
    detail.shouldSwap = false;
    htmx.trigger(document.body, "contacts-changed");
  }
});

// Disable Send while the last check refuses the text. If a check fails, the server decides.
function allowSending(isChecked) {
  const send = document.querySelector("#composer .primary");
  if (send) {
    const isRefused = isChecked && document.querySelector("#check .verdict.error") !== null;
    send.disabled = isRefused || send.form.matches(".htmx-request");
  }
}

allowSending(true);
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.closest("#composer")) {
    allowSending(true);
  }
});
for (const type of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(type, ({ detail }) => {
    if (detail.elt.id === "check") {
      allowSending(false);
    }
  });
}

// The response would overwrite what is typed into a form while it is being sent.
for (const [type, isSent] of [["htmx:beforeRequest", true], ["htmx:afterRequest", false]]) {
  document.addEventListener(type, ({ detail, target }) => {
    if (target.matches("form") && detail.requestConfig.verb === "post") {
      target.querySelectorAll("input, textarea").forEach((field) => { field.readOnly = isSent; });
    }
  });
}

// Without htmx, a second click would submit the form twice before the next page loads.
let sent = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) {
    return;
  }
  if (Date.now() - (sent.get(form) ?? -Infinity) < 5000) {
    event.preventDefault();
  } else {
    sent.set(form, Date.now());
  }
});

window.addEventListener("pageshow", (event) => { // browser back
  sent = new WeakMap();
  // The browser may have cached the page against its headers. The user may have signed out since.
  if (event.persisted && document.querySelector('form[action="/sign-out/"]')) {
    location.reload();
  }
});

// Signing in again in another tab changes the CSRF token; use it on this page too.
function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
}

document.addEventListener("submit", ({ target: { elements } }) => {
  if (elements.csrfmiddlewaretoken && token()) {
    elements.csrfmiddlewaretoken.value = token();
  }
}, { capture: true });

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "post" && token()) {
    detail.headers["x-csrftoken"] = token();
    delete detail.parameters.csrfmiddlewaretoken;
  }
});

// Focus the first invalid field of a form.
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
    if (!event.target.form.querySelector(".primary")?.disabled) {
      event.target.form.requestSubmit();
    }
  }
});
