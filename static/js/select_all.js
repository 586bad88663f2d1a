"use strict";

// A check box that checks all others of a name: <input type="checkbox" data-select-all="name" hidden>

function prepareSelectAll(all) {
  const boxes = [...all.form.elements].filter(({ name }) => name === all.dataset.selectAll);
  const update = () => {
    const checked = boxes.filter((box) => box.checked).length;
    all.checked = checked > 0 && checked === boxes.length;
    all.indeterminate = checked > 0 && !all.checked;
  };
  all.hidden = boxes.length === 0;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  boxes.forEach((box) => box.addEventListener("change", update));
  update();
}

function prepareAll() {
  document.querySelectorAll("[data-select-all][hidden]").forEach(prepareSelectAll);
}

prepareAll();
document.addEventListener("htmx:afterSettle", prepareAll); // a list was replaced
