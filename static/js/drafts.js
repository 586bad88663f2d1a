"use strict";

// Unsent text in a field with `data-draft` survives a reload, a crash, and signing in again. It's kept
// in the browser: per person, form, and field. What was sent never comes back: a draft is removed
// when its form is submitted, and kept again if the server didn't accept the form.

const DRAFT = "draft ";
const DRAFT_DAYS = 7;
const draftOwner = document.querySelector("meta[name=page-owner]").content;

function draftKey(field) {
  return `${DRAFT}${draftOwner} ${field.form.getAttribute("action")} ${field.name}`;
}

function readDraft(value) {
  try {
    return JSON.parse(value)?.text ?? "";
  } catch {
    return "";
  }
}

// The disk may be full, or the browser may store nothing.
function keepDraft(field) {
  try {
    if (field.value.trim()) {
      localStorage.setItem(draftKey(field), JSON.stringify({ text: field.value, at: Date.now() }));
    } else {
      localStorage.removeItem(draftKey(field));
    }
  } catch { /* Typing goes on without drafts. */ }
}

function removeOldDrafts() {
  const oldest = Date.now() - DRAFT_DAYS * 24 * 60 * 60 * 1000;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(DRAFT))) {
    const isOwn = key.startsWith(`${DRAFT}${draftOwner} `);
    const at = /"at":(\d+)}$/.exec(localStorage.getItem(key))?.[1];
    if (!isOwn || !(Number(at) > oldest)) {
      localStorage.removeItem(key);
    }
  }
}

function showDraft(field, text) {
  field.value = text;
  field.dataset.restored = "";
  field.closest("details")?.classList.toggle("has-draft", text !== "");
}

function restoreDrafts() {
  for (const field of document.querySelectorAll("[data-draft]")) {
    const text = readDraft(localStorage.getItem(draftKey(field)));
    if (text && !field.value) {
      showDraft(field, text);
    }
  }
}

function draftsOf(form) {
  return [...form.elements].filter((field) => field.matches("[data-draft]"));
}

function removeDrafts(form) {
  draftsOf(form).forEach((field) => localStorage.removeItem(draftKey(field)));
}

try {
  if (draftOwner) {
    removeOldDrafts();
    restoreDrafts();
  }
} catch { /* The browser allows no storage. */ }

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-draft]")) {
    keepDraft(target);
  }
});

// What belongs to a text, such as its length, is loaded once someone returns to it.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("[data-restored]")) {
    delete target.dataset.restored;
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

document.addEventListener("submit", ({ defaultPrevented, target, submitter }) => {
  if (!defaultPrevented && !submitter?.hasAttribute("formaction")) {
    removeDrafts(target);
  }
});

document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (elt.matches("form")) {
    removeDrafts(elt);
  }
});

// The server put text into a new field: a template, a text that was undone, or one that it refused.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  target.querySelectorAll("[data-draft]").forEach(keepDraft);
});

for (const type of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(type, ({ detail: { elt } }) => {
    if (elt.matches("form")) {
      draftsOf(elt).forEach(keepDraft);
    }
  });
}

// Another tab that shows the same draft follows: it may have been sent there.
window.addEventListener("storage", ({ key, oldValue, newValue }) => {
  for (const field of document.querySelectorAll("[data-draft]")) {
    if (draftKey(field) === key && field.value === readDraft(oldValue) && !isOwnedByAnother()) {
      showDraft(field, readDraft(newValue));
    }
  }
});
