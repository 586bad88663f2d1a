"use strict";

// Lists: keys that move through rows, and menus that open below their buttons.

// "j" and "k" move to the next and the previous row, whose link or button Enter presses. "x" checks its
// box, and "a" moves to what can be done with the rows. The home page's lists are rows, too.
const ROWS = "#results tbody tr, .work li";
const ROW_LINKS = "#results tbody th a, .work li :is(.button, .name)";

function moveTo(step) {
  const links = [...document.querySelectorAll(ROW_LINKS)];
  const row = document.activeElement.closest(ROWS);
  const index = links.findIndex((link) => link.closest(ROWS) === row);
  const next = links[index < 0 ? (step > 0 ? 0 : links.length - 1) : index + step];
  next?.focus();
  next?.closest(ROWS).scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const isTyping = target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [popover]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !document.querySelector(ROW_LINKS)) {
    return;
  }
  if (key === "j" || key === "k") {
    event.preventDefault();
    moveTo(key === "j" ? 1 : -1);
  } else if (key === "x") {
    document.activeElement.closest("#results tbody tr")?.querySelector("input[type=checkbox]")?.click();
  } else if (key === "a") {
    document.querySelector("#list-actions :is(select, button)")?.focus();
  }
});

// Escape closes what a cell edits in place.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.target.closest("#results td form")?.querySelector(".cancel").click();
  }
});

// The times are above the rows' links, because they have tooltips.
document.addEventListener("click", ({ target }) => {
  if (target.closest("time")) {
    target.closest("#results tbody tr")?.querySelector("th a").click();
  }
});

// Browsers that can't anchor a menu to its button.
if (!CSS.supports("position-area", "block-end")) {
  document.addEventListener("toggle", ({ target, newState }) => {
    if (newState === "open" && target.matches(".list-menu") && innerWidth >= 832) {
      const button = document.querySelector(`[popovertarget="${target.id}"]`).getBoundingClientRect();
      const left = Math.max(8, Math.min(button.left, innerWidth - target.offsetWidth - 8));
      target.style.inset = `${button.bottom}px auto auto ${left}px`;
    }
  }, { capture: true });
}
