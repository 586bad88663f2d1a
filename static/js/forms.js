"use strict";

// Forms: nothing typed is lost, nothing is sent twice, and the CSRF token stays valid.

// The response would overwrite what is typed into a form while it is being sent.
for (const [type, isSending] of [["htmx:beforeRequest", true], ["htmx:afterRequest", false]]) {
  document.addEventListener(type, ({ detail, target }) => {
    if (target.matches("form") && detail.requestConfig.verb === "post") {
      target.querySelectorAll("input, textarea").forEach((field) => { field.readOnly = isSending; });
    }
  });
}

// Without htmx, a second click would submit the form twice before the next page loads.
let submitTimes = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) {
    return;
  }
  if (Date.now() - (submitTimes.get(form) ?? -Infinity) < 5000) {
    event.preventDefault();
  } else {
    submitTimes.set(form, Date.now());
  }
});

window.addEventListener("pageshow", (event) => { // browser back
  submitTimes = new WeakMap();
  // The browser may have cached the page against its headers. The user may have signed out since.
  if (event.persisted && document.querySelector('form[action="/sign-out/"]')) {
    location.reload();
  }
});

// Keys change a closed list at every step. A form that saves itself waits for Enter or Tab then.
let stepped = null; // the changed list
let isByKey = false;

function saveStepped() {
  const list = stepped;
  stepped = null;
  list?.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  if (isByKey && event.isTrusted && event.target.form?.matches("[hx-trigger*=change]")) {
    event.stopPropagation();
    stepped = event.target;
  }
}, { capture: true });

document.addEventListener("keydown", (event) => {
  isByKey = event.target.matches("select");
  if (event.key === "Enter" && stepped) {
    event.preventDefault(); // it would open the list
    saveStepped();
  } else if (event.key === "Escape" && isByKey) {
    stepped?.form.reset();
    stepped = null;
    event.target.blur(); // so that single keys are shortcuts again
  }
});

document.addEventListener("pointerdown", () => { isByKey = false; });
document.addEventListener("focusout", saveStepped);

// Signing in again in another tab changes the CSRF token; use it on this page too.
function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
}

document.addEventListener("submit", ({ target: { elements } }) => {
  if (elements.csrfmiddlewaretoken && csrfToken()) {
    elements.csrfmiddlewaretoken.value = csrfToken();
  }
}, { capture: true });

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "post" && csrfToken()) {
    detail.headers["x-csrftoken"] = csrfToken();
    delete detail.parameters.csrfmiddlewaretoken;
  }
});

// Focus the first invalid field of a form.
document.querySelector("main [aria-invalid=true]")?.focus();

// A text to change gets the cursor at its end.
function moveToEnd(field) {
  if (field?.matches("textarea[autofocus]") && field.selectionEnd === 0) {
    field.setSelectionRange(field.value.length, field.value.length);
  }
}

document.addEventListener("focusin", ({ target }) => moveToEnd(target));
moveToEnd(document.activeElement);
