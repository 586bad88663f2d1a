"use strict";

// "/" in an empty text opens a list, typing filters it, and Enter inserts the chosen option. The
// composer lists templates. A subclass lists something else (case.js).
class SlashList {
  constructor(list, one, many) {
    this.list = list;
    this.nouns = { one, many };
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the focus stays in the text
      this.insert(event.target.closest("[role=option]"));
    });
  }

  watch(text) {
    text.addEventListener("focus", () => { this.text = text; });
    text.addEventListener("input", () => this.filter());
    text.addEventListener("keydown", (event) => this.onKeydown(event));
    text.addEventListener("blur", () => this.close());
    this.text = text;
  }

  get shown() {
    return [...this.list.querySelectorAll("[role=option]:not([hidden])")];
  }

  filter() {
    const typed = this.text.value;
    if (!typed.startsWith("/") || typed.includes("\n")) {
      this.close();
      return;
    }
    const words = typed.slice(1).trim().toLowerCase();
    this.list.querySelectorAll("[role=option]").forEach((option) => {
      option.hidden = !option.querySelector("strong").textContent.toLowerCase().includes(words);
    });
    const { length } = this.shown;
    this.list.hidden = length === 0;
    this.announce(`${length} ${length === 1 ? this.nouns.one : this.nouns.many}`);
    this.activate(0);
  }

  close() {
    this.list.hidden = true;
    this.announce("");
    this.activate(-1);
  }

  announce(words) {
    document.getElementById(`${this.list.id}-count`).textContent = words;
  }

  activate(index) {
    this.active = this.list.hidden ? undefined : this.shown.at(index);
    this.list.querySelectorAll("[role=option]").forEach((option) => {
      option.setAttribute("aria-selected", String(option === this.active));
    });
    if (this.active) {
      this.text.setAttribute("aria-activedescendant", this.active.id);
      this.active.scrollIntoView({ block: "nearest" });
    } else {
      this.text.removeAttribute("aria-activedescendant");
    }
  }

  onKeydown(event) {
    if (this.list.hidden || event.ctrlKey || event.metaKey) {
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.activate((this.shown.indexOf(this.active) + step + this.shown.length) % this.shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.insert(this.active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }
}

class TemplateList extends SlashList {
  insert(option) {
    if (option) {
      this.text.value = "";
      document.querySelector("#composer .template-row select").value = option.dataset.template;
      this.close();
      document.querySelector("#composer .template-row button").click();
    }
  }
}

function enableTemplates() {
  const list = document.querySelector("#templates");
  if (list && !list.isEnabled) {
    list.isEnabled = true;
    new TemplateList(list, "template", "templates").watch(document.querySelector("#composer textarea"));
  }
}

enableTemplates();

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.closest("#composer") || target.querySelector("#composer")) {
    enableTemplates();
  }
});
