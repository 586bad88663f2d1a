"use strict";

// Completion in a search box: an ARIA combobox whose options the server renders (search/complete).
// Enter searches unless an option was chosen with the arrow keys. Tab completes what was typed with
// the first option, and otherwise moves on. Escape closes the list, then leaves the box as it was.

class Completion {
  constructor(box) {
    this.input = box.querySelector("input[role=combobox]");
    this.list = document.getElementById(this.input.getAttribute("aria-controls"));
    this.active = -1;
    this.isWanted = false; // once closed, the list stays closed when a response arrives late
    this.requestedText = null; // the text that the next options are for
    this.listedText = null; // the text that those in the list are for
    this.input.addEventListener("keydown", (event) => this.onKeydown(event));
    this.hasTyped = false; // since the last option, so that Tab doesn't stay in the box
    this.input.addEventListener("input", () => { this.hasTyped = true; });
    for (const type of ["focus", "input", "complete"]) {
      this.input.addEventListener(type, () => { this.isWanted = true; });
    }
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("htmx:configRequest", (event) => {
      event.detail.parameters.cursor = this.input.selectionStart;
      this.requestedText = this.input.value;
    });
    this.list.addEventListener("mousedown", (event) => this.onMousedown(event));
    this.list.addEventListener("htmx:afterSwap", () => {
      this.listedText = this.requestedText; // older requests were canceled
      this.open();
    });
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get isOpen() {
    return this.input.getAttribute("aria-expanded") === "true";
  }

  // Ignore options for an older text: they would be inserted in the middle of a word.
  get isCurrent() {
    return this.isOpen && this.listedText === this.input.value;
  }

  open() {
    const shown = this.isWanted && document.activeElement === this.input && this.options.length > 0;
    this.input.setAttribute("aria-expanded", String(shown));
    this.list.hidden = !shown;
    this.activate(-1);
  }

  close() {
    this.isWanted = false;
    this.input.setAttribute("aria-expanded", "false");
    this.list.hidden = true;
    this.activate(-1);
  }

  activate(index) {
    this.active = index;
    this.options.forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === index));
    });
    const option = this.options[index];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  onKeydown(event) {
    const count = this.options.length;
    if (event.key === "Escape") {
      event.preventDefault(); // or the browser empties the box
      this.escape();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      if (this.isCurrent) {
        this.activate((this.active + 1) % count);
      } else {
        this.requestOptions();
      }
    } else if (event.key === "ArrowUp" && this.isCurrent) {
      event.preventDefault();
      this.activate(this.active > 0 ? this.active - 1 : count - 1);
    } else if ((event.key === "Enter" || event.key === "Tab") && this.isCurrent && this.active >= 0) {
      event.preventDefault();
      this.insert(this.options[this.active]);
    } else if (event.key === "Tab" && !event.shiftKey && this.isCurrent && this.hasTyped) {
      event.preventDefault();
      this.insert(this.options[0]);
    } else if (event.key === "Enter") {
      this.close();
    }
  }

  escape() {
    if (this.isOpen) {
      this.close();
      return;
    }
    const results = document.getElementById("results");
    this.isWanted = false;
    this.input.value = results?.dataset.query ?? this.input.value;
    this.input.blur();
    results?.focus({ preventScroll: true });
  }

  onMousedown(event) {
    const option = event.target.closest("[role=option]");
    if (option) {
      event.preventDefault(); // the focus stays in the box
      if (this.isCurrent) {
        this.insert(option);
      }
    }
  }

  insert(option) {
    const { text, start, end } = option.dataset;
    const before = this.input.value.slice(0, Number(start));
    const after = this.input.value.slice(Number(end));
    this.input.value = before + text + after;
    const cursor = before.length + text.length;
    this.input.setSelectionRange(cursor, cursor);
    this.hasTyped = false;
    if ("run" in option.dataset) {
      this.close();
      this.input.form.requestSubmit();
    } else {
      this.requestOptions();
    }
  }

  requestOptions() {
    this.input.dispatchEvent(new Event("complete"));
  }
}

function enableCompletion() {
  document.querySelectorAll(".search-box").forEach((box) => new Completion(box));
}

// On browser back, htmx restores the page without what was typed or chosen in it.
document.addEventListener("htmx:historyRestore", () => {
  const parameters = new URLSearchParams(location.search);
  document.querySelectorAll(".search-form input[name]").forEach((field) => {
    field.value = parameters.get(field.name) ?? "";
  });
  enableCompletion();
});

// Pending requests then belong to the page that the user left.
window.addEventListener("popstate", () => htmx.trigger(".search-form", "htmx:abort"));

// A chip changes the search, so the box shows it, unless someone is typing in it.
document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  const results = document.getElementById("results");
  const input = document.getElementById("q");
  if (target?.id === "results" && results && input && document.activeElement !== input) {
    input.value = results.dataset.query ?? input.value;
  }
});

// The focused element may be gone with the old results, such as the link to the next page. A filter
// that was chosen keeps the focus: its chip is new.
let chosenChip;

document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  chosenChip = elt.closest("[data-chip]")?.dataset.chip;
});

document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (target?.id === "results" && document.activeElement === document.body) {
    const ids = chosenChip ? [`chip-${chosenChip}`, "chip-filters", "results"] : ["results"];
    const next = ids.map((id) => document.getElementById(id)).find(Boolean);
    next?.focus({ preventScroll: true });
  }
});

enableCompletion();
