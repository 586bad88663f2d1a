"use strict";

// Buttons that copy: `data-copy` is the text, and `data-copied` what's announced if that's shorter.

function showCopyButtons() {
  document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = !navigator.clipboard; });
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) {
    navigator.clipboard.writeText(button.dataset.copy);
    document.getElementById("announcement").textContent = button.dataset.copied ?? `${button.dataset.copy} copied`;
  }
});

document.addEventListener("htmx:afterSettle", showCopyButtons);

showCopyButtons();
