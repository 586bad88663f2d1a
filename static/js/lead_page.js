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
// Then the browser takes the focus to the text in the page's address.
function focusExplanation() {
  const explanation = document.querySelector(".explanation:popover-open");
  if (explanation && !explanation.contains(document.activeElement)) {
    explanation.querySelector("[autofocus]")?.focus();
  }
}

document.addEventListener("toggle", focusExplanation, { capture: true });

// One that begins low on the page would end below the window, and what finishes the failure with it. The
// page scrolls with it, as far as its label stays in view. On phones, it's a sheet.
function showAll(explanation) {
  const label = document.querySelector(`[popovertarget="${explanation.id}"]`);
  const below = explanation.getBoundingClientRect().bottom + 12 - innerHeight;
  if (below > 0 && innerWidth >= 832) {
    const pane = [label.closest(".inbox-thread")].find((thread) => thread?.scrollHeight > thread?.clientHeight);
    (pane ?? window).scrollBy(0, Math.max(0, Math.min(below, label.getBoundingClientRect().top - 60)));
  }
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => showAll(target)));

document.addEventListener("toggle", ({ target, newState }) => {
  if (target.matches(".explanation")) {
    sizes[newState === "open" ? "observe" : "unobserve"](target);
  }
}, { capture: true });
window.addEventListener("load", () => requestAnimationFrame(focusExplanation));

// Facts about numbers changed: don't replace a contact that someone is editing.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.requestConfig.elt.id === "contacts-again" && document.querySelector("#contacts .editing")) {
    detail.shouldSwap = false;
  }
});
