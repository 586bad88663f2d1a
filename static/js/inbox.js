"use strict";

// The inbox: J and K walk through the threads, R or Enter opens the composer. Opening a thread with a
// click or Enter puts the focus there, too, unless that opens a keyboard on the screen.

const hasKeyboard = matchMedia("(hover: hover)");

function openedThread() {
  return document.getElementById("thread-head")?.dataset.thread;
}

function markOpenedThread() {
  const opened = openedThread();
  for (const link of document.querySelectorAll("#threads .thread-row a")) {
    const isOpened = link.id === `thread-${opened}`;
    link.toggleAttribute("aria-current", isOpened);
    if (isOpened) {
      link.setAttribute("aria-current", "true");
      link.closest("li").classList.remove("unread");
    }
  }
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const isTyping = target.closest("input, textarea, select, dialog, [popover]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(key)) {
    return;
  }
  const links = [...document.querySelectorAll("#threads .thread-row a")];
  const index = links.findIndex((link) => link.matches("[aria-current]"));
  const next = links[index < 0 ? 0 : index + (key === "j" ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.closest("li").scrollIntoView({ block: "nearest" });
    next.click();
  }
});

// The list keeps the open thread after it was answered, and isn't cut while someone reads older ones.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id === "threads") {
    event.detail.parameters.opened = openedThread() ?? "";
    if (document.querySelector("#threads [data-older]")) {
      event.preventDefault();
    }
  }
});

document.addEventListener("htmx:afterSettle", ({ detail: { target, requestConfig } }) => {
  if (target.id === "threads") {
    markOpenedThread(); // another one may have been opened since the list was requested
  }
  if (target.id !== "thread") {
    return;
  }
  markOpenedThread();
  target.scrollTop = 0;
  // Neither J and K nor the thread that opens by itself are clicks of a person.
  const opening = requestConfig?.triggeringEvent;
  if (opening?.type === "click" && opening.isTrusted && hasKeyboard.matches) {
    target.querySelector("#composer textarea")?.focus();
  }
});
