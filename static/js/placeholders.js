"use strict";

// A click on a placeholder inserts it into the template's text, where the cursor is.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-insert]");
  const text = document.querySelector("textarea[name=text]");
  if (button && text) {
    text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
