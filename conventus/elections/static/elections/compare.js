// Settling differences by keyboard: a number takes that count's figure and goes on, the last goes to the own figure, arrows walk.

(() => {
  "use strict";

  const rows = [...document.querySelectorAll("[data-difference]")];
  const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
  const own = (row) => [...row.querySelectorAll(".own input")];

  const enter = (row) => {
    const chosen = radios(row).find((radio) => radio.checked);
    (chosen ?? radios(row)[0]).focus();
  };

  const goOn = (row, by) => {
    const next = rows[rows.indexOf(row) + by];
    if (next) enter(next);
    else if (by > 0) document.querySelector("[data-compare] textarea")?.focus();
  };

  const take = (row, index) => {
    const radio = radios(row)[index];
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
    if (index === radios(row).length - 1) own(row)[0].focus();
    else goOn(row, 1);
  };

  const fromOwn = (event, row) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      goOn(row, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const [figure, why] = own(row);
      if (event.target === figure) why.focus();
      else goOn(row, 1);
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea")) return;
    const row = event.target.closest?.("[data-difference]");
    if (row && event.target.matches(".own input")) return fromOwn(event, row);
    const at = row ?? rows[0];
    if (!at) return;
    const index = "123456789".indexOf(event.key);
    if (index >= 0 && index < radios(at).length) {
      event.preventDefault();
      take(at, index);
    } else if (row && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      goOn(row, event.key === "ArrowDown" ? 1 : -1);
    }
  });

  // Whoever types a figure of their own means it.
  document.addEventListener("input", (event) => {
    const row = event.target.closest?.("[data-difference]");
    if (row && event.target.matches(".own input") && event.target.value) radios(row).at(-1).checked = true;
  });

  if (rows.length && !document.querySelector("[data-focus]")) enter(rows[0]);
})();
