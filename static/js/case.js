"use strict";

// The page where support decides.

// Saved replies: "/" in an empty text opens the list below it, like templates in the composer.
class SavedReplyList extends SlashList {
  filter() {
    this.text.after(this.list);
    super.filter();
  }

  insert(option) {
    if (option) {
      this.put(option.dataset.savedReply);
    }
  }

  put(words) {
    const { text } = this;
    text.setRangeText(words, text.value.startsWith("/") ? 0 : text.selectionStart, text.selectionEnd, "end");
    this.close();
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const savedReplies = document.getElementById("saved-replies");
if (savedReplies) {
  const list = new SavedReplyList(savedReplies, "saved reply", "saved replies");
  const texts = [...document.querySelectorAll("[data-saved-replies]")];
  texts.forEach((text) => list.watch(text));
  // The menu inserts into the text that had the focus last, or into the one that is open.
  list.text = texts.find((text) => text.checkVisibility());
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-saved-reply]");
    if (button) {
      button.closest("details").open = false;
      if (!list.text.checkVisibility()) {
        list.text = texts.find((text) => text.checkVisibility());
      }
      list.put(button.dataset.savedReply);
    }
  });
}

// A click on a step puts the cursor into its form. Arrow keys stay among the steps.
document.addEventListener("click", ({ target, detail }) => {
  const label = detail && target.closest(".decision .steps label");
  if (label) {
    const form = document.querySelector(`.decision form.${label.querySelector("input").value}`);
    setTimeout(() => form.querySelector("textarea, input:not([type=hidden])").focus()); // after the browser checks it
  }
});
