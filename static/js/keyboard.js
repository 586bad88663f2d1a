"use strict";

// Shortcuts. Nothing happens while someone types, and a key held with Ctrl, Alt, or ⌘ belongs to
// the browser. Elements name their own keys: G and then L opens the link with `data-go="l"`, and C
// alone the link, field, or dialog with `data-key="c"`, or what's in it.

const SEQUENCE_MS = 1500; // between G and the next key
let goneAt = -Infinity; // when G was pressed

function isTyping(target) {
  return Boolean(target.closest("input, textarea, select, [contenteditable], dialog[open]"));
}

// A menu's keys work while it's closed, too.
function isUsable(element) {
  return element.matches("dialog, a[data-go], details[data-menu] .menu *") || element.checkVisibility();
}

function activate(selector) {
  const element = [...document.querySelectorAll(selector)].find(isUsable);
  if (!element) {
    return false;
  }
  if (element.matches("dialog")) {
    openDialog(element);
  } else if (element.matches("input, textarea, select")) {
    element.focus();
  } else {
    const target = element.querySelector(":scope :is(a, button)") ?? element;
    if (target.matches("summary")) {
      target.focus();
    }
    target.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) {
    return;
  }
  const wasGo = event.timeStamp - goneAt < SEQUENCE_MS;
  goneAt = event.key === "g" && !wasGo ? event.timeStamp : -Infinity;
  const key = CSS.escape(event.key);
  const selector = event.key === "/" ? "[role=search] input:not([type=hidden])"
    : wasGo ? `[data-go="${key}"]` : `[data-key~="${key}"]`;
  if (activate(selector)) {
    event.preventDefault();
  }
});

// Ctrl+Enter sends the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
    event.preventDefault();
    if (!event.target.form.querySelector(".primary")?.disabled) {
      event.target.form.requestSubmit();
    }
  }
});
