"use strict";

// Shortcuts: "/" goes to the search box, Ctrl+Enter sends the form.

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[role=search] input:not([type=hidden])");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
    event.preventDefault();
    if (!event.target.form.querySelector(".primary")?.disabled) {
      event.target.form.requestSubmit();
    }
  }
});
