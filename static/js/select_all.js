"use strict";

// A check box that checks all others of a name: <input type="checkbox" data-select-all="name" hidden>.
// The form's `data-selected` says how many are checked.

function prepareSelectAll(all) {
  const boxes = [...all.form.elements].filter(({ name }) => name === all.dataset.selectAll);
  const update = () => {
    const checked = boxes.filter((box) => box.checked).length;
    all.checked = checked > 0 && checked === boxes.length;
    all.indeterminate = checked > 0 && !all.checked;
    all.form.querySelectorAll("[data-selected]").forEach((place) => { place.textContent = `${checked} selected`; });
  };
  all.hidden = boxes.length === 0;
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    update();
  });
  all.form.addEventListener("reset", () => setTimeout(update));
  boxes.forEach((box) => box.addEventListener("change", update));
  update();
}

function prepareAll() {
  document.querySelectorAll("[data-select-all][hidden]").forEach(prepareSelectAll);
}

prepareAll();
document.addEventListener("htmx:afterSettle", prepareAll); // a list was replaced
