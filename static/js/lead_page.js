"use strict";

// Contacts and details on the lead page.

// Escape cancels a form that was opened in place.
document.addEventListener("keydown", (event) => {
  const cancel = event.target.closest?.("#summary form, .side form, #timeline form")?.querySelector(".cancel");
  if (event.key === "Escape" && cancel) {
    cancel.click();
  }
});

// A form that opens in place gets the focus.
document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  const form = elt.closest("form#details, .inline-edit, .contact.editing, .note-edit") ?? elt.querySelector?.(":scope > .inline-edit, :scope > .note-edit");
  if (form && (form === document.activeElement || !form.contains(document.activeElement))) {
    const field = form.querySelector("[aria-invalid=true]") ?? form.querySelector("input:not([type=hidden]), select, textarea");
    field?.focus();
    field?.select?.();
  }
});

// An explanation that asks for something opens with the focus there, also before the page is loaded.
document.addEventListener("toggle", ({ target, newState }) => {
  if (newState === "open" && target.matches(".explanation") && !target.contains(document.activeElement)) {
    target.querySelector("[autofocus]")?.focus();
  }
}, { capture: true });

// Facts about numbers changed: don't replace a contact that someone is editing.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.requestConfig.elt.id === "contacts-again" && document.querySelector("#contacts .editing")) {
    detail.shouldSwap = false;
  }
});
