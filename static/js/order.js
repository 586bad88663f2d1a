// Drag rows into another order. The buttons next to each row do the same without a mouse.
(() => {
  let dragged = null;

  const list = () => document.querySelector("[data-order]");
  const rowOf = (event) => event.target.closest?.("[data-order] > li");
  const isBelow = (event, row) => {
    const box = row.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  };

  function prepare() {
    for (const row of list()?.children ?? []) row.draggable = true;
  }

  function unmark() {
    for (const row of list()?.children ?? []) row.classList.remove("drop", "below", "dragged");
  }

  document.addEventListener("dragstart", (event) => {
    dragged = rowOf(event) ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("dragged");
  });

  document.addEventListener("dragover", (event) => {
    const row = rowOf(event);
    if (!dragged || !row) return;
    event.preventDefault();
    for (const other of list().children) other.classList.remove("drop", "below");
    if (row === dragged) return;
    row.classList.add("drop");
    row.classList.toggle("below", isBelow(event, row));
  });

  document.addEventListener("drop", (event) => {
    const row = rowOf(event);
    if (!dragged || !row) return;
    event.preventDefault();
    const others = [...list().children].filter((other) => other !== dragged);
    if (row !== dragged) {
      const form = dragged.querySelector("form");
      const index = document.createElement("input");
      Object.assign(index, { type: "hidden", name: "index" });
      index.value = others.indexOf(row) + (isBelow(event, row) ? 1 : 0);
      form.append(index);
      form.requestSubmit();
    }
  });

  document.addEventListener("dragend", () => {
    unmark();
    dragged = null;
  });

  document.addEventListener("htmx:afterSettle", prepare);
  prepare();
})();
