"use strict";

// Dialogs that links open (`data-open`), the command palette in one of them, and menus.

const palette = document.getElementById("palette");

function openDialog(dialog) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
  }
  if (!dialog.open) {
    dialog.showModal();
  }
  const input = dialog.querySelector("input[role=combobox]");
  if (input) {
    input.select();
    input.dispatchEvent(new Event("open"));
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  const dialog = opener && document.getElementById(opener.dataset.open);
  if (dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    openDialog(dialog);
  } else if (event.target.closest("[data-close]") || event.target.matches("dialog")) {
    event.target.closest("dialog")?.close(); // the dialog itself is hit next to its box
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = menu.contains(event.target) && !opener;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "k" && (event.ctrlKey || event.metaKey) && palette) {
    event.preventDefault();
    openDialog(palette);
  }
  const menu = document.querySelector("details[data-menu][open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

if (palette) {
  const input = palette.querySelector("input");
  const list = document.getElementById("palette-options");
  const options = () => [...list.querySelectorAll("[role=option]")];
  let active = 0;

  function choose(index) {
    const all = options();
    active = all.length ? (index + all.length) % all.length : 0;
    all.forEach((option, number) => option.setAttribute("aria-selected", String(number === active)));
    input.setAttribute("aria-activedescendant", all[active]?.id ?? "");
    all[active]?.scrollIntoView({ block: "nearest" });
  }

  // Enter opens what matches the text in the box, not what matched an earlier one.
  let listed = null;
  let requested = null;
  let isEnterPending = false;

  function follow(option, inNewTab) {
    if (option && inNewTab) {
      window.open(option.href, "_blank", "noopener");
    } else if (option) {
      option.click();
    }
  }

  input.addEventListener("htmx:configRequest", () => { requested = input.value; });
  list.addEventListener("htmx:afterSwap", () => {
    listed = requested;
    choose(0);
    if (isEnterPending && listed === input.value) {
      isEnterPending = false;
      follow(options()[active]);
    }
  });
  input.addEventListener("input", () => { isEnterPending = false; });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (listed === input.value) {
        follow(options()[active], event.ctrlKey || event.metaKey);
      } else {
        isEnterPending = true;
      }
    }
  });
}
