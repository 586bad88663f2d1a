"use strict";

// A check box that checks all others of a name: <input type="checkbox" data-select-all="name" hidden>

for (const all of document.querySelectorAll("[data-select-all]")) {
  const boxes = [...all.form.elements].filter(({ name }) => name === all.dataset.selectAll);
  const update = () => {
    const checked = boxes.filter((box) => box.checked).length;
    all.checked = checked === boxes.length;
    all.indeterminate = checked > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  boxes.forEach((box) => box.addEventListener("change", update));
  update();
}
