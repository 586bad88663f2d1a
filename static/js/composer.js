"use strict";

// The composer on the lead page.

// The lead's contacts changed: reload the composer, but keep what the user typed in the meantime.
function composerValues() {
  return String(new URLSearchParams(new FormData(document.querySelector("#composer form") ?? undefined)));
}

document.addEventListener("htmx:configRequest", ({ detail: { elt } }) => {
  if (elt.id === "composer-again") {
    elt.requestedFor = composerValues();
  }
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (elt.id === "composer-again" && elt.requestedFor !== composerValues()) {
    detail.shouldSwap = false;
    htmx.trigger(document.body, "contacts-changed");
  }
});

// One line until someone writes. A click elsewhere doesn't close it, or the page would move under the
// pointer, except on phones: there it covers half of the page, and nothing moves.
const phone = matchMedia("(width < 52rem)");

function openComposer() {
  document.getElementById("composer")?.classList.add("open");
}

function closeComposer({ type, target }) {
  const composer = document.getElementById("composer");
  const isElsewhere = composer && !composer.contains(target) && !composer.contains(document.activeElement);
  const isWanted = phone.matches ? false : type === "click" || composer?.querySelector("textarea")?.value;
  if (isElsewhere && !isWanted && !composer.querySelector(".later[open]")) {
    composer.classList.remove("open");
  }
}

for (const type of ["focusin", "input", "change"]) {
  document.addEventListener(type, ({ target }) => {
    // Pressing Send focuses it. It must not move before it's released, or the click is lost.
    if (target.closest("#composer") && !target.closest("#composer .send")) {
      openComposer();
    }
  });
}

// Someone may have written before the listeners were added. A draft (drafts.js) doesn't open it.
if (document.querySelector("#composer textarea:not([data-restored])")?.value) {
  openComposer();
}

document.addEventListener("click", closeComposer);
document.addEventListener("keyup", closeComposer);

// The time to send later closes like a popover.
document.addEventListener("click", ({ target }) => {
  document.querySelectorAll("#composer .later[open]").forEach((later) => {
    later.open = later.contains(target);
  });
});

document.addEventListener("keydown", (event) => {
  const later = event.target.closest?.("#composer .later[open]");
  if (event.key === "Escape" && later) {
    later.open = false;
    later.querySelector("summary").focus();
  } else if (event.key === "Escape" && !event.defaultPrevented && event.target.matches?.('#composer textarea:not([aria-expanded="true"])')) {
    event.target.blur(); // so that single keys are shortcuts again
  }
});

// "Text" next to a number chooses it in the composer.
document.addEventListener("click", (event) => {
  const number = event.target.closest("[data-to]");
  const select = document.querySelector("#composer select[name=to]");
  if (number && select) {
    event.preventDefault();
    select.value = number.dataset.to;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    document.querySelector("#composer textarea").focus();
  }
});

// Disable Send while the last check refuses the text. If a check fails, the server decides.
function updateSendButton({ isChecked }) {
  const send = document.querySelector("#composer .primary");
  if (send) {
    const isRefused = isChecked && document.querySelector("#check .verdict.error") !== null;
    send.disabled = isRefused || send.form.matches(".htmx-request");
  }
}

updateSendButton({ isChecked: true });

// Toasts disappear by themselves: a text can be undone for a few seconds after Send.
function removeToastsInTime() {
  for (const toast of document.querySelectorAll(".toast[data-seconds]")) {
    toast.timer ??= setTimeout(() => {
      if (toast.contains(document.activeElement)) {
        document.querySelector("#composer textarea")?.focus();
      }
      toast.remove();
    }, toast.dataset.seconds * 1000);
  }
}

removeToastsInTime();

// Screen readers say what changes in a region that was there before, not a region that's new.
function announceUndo() {
  const words = document.querySelector("#undo > span")?.textContent;
  const announcement = document.getElementById("announcement");
  if (words && announcement) {
    announcement.textContent = words;
  }
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  removeToastsInTime();
  if (target.id === "composer") {
    announceUndo();
  }
  // Nothing else in the composer is a check, such as who else is replying.
  if (target.matches("#check, #composer, :has(#composer)")) {
    updateSendButton({ isChecked: true });
  }
});

for (const type of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(type, ({ detail }) => {
    if (detail.elt.id === "check") {
      updateSendButton({ isChecked: false });
    }
  });
}
