// Ballots one by one, without a mouse: marks, verdict and the next ballot each have a key. The page works without it.

(() => {
  "use strict";

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const form = document.querySelector("[data-sheet]");

  // Links that have a key of their own: the ballot before, this one later. Also on the pages between ballots.

  const follow = (key) => {
    const link = document.querySelector(`a[data-key="${key}"]`);
    link?.click();
    return Boolean(link);
  };

  if (!form) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
      if (event.key.toLowerCase() === "z" && follow("z")) event.preventDefault();
    });
    return;
  }

  const strike = form.dataset.style === "strike";
  const blind = "blind" in form.dataset;
  const names = all("[data-name]", form);
  const walked = names.filter((each) => "walk" in each.dataset);
  const view = form.querySelector("[data-view]");
  const sum = form.querySelector("[data-sum]");
  const entry = form.querySelector("[data-entry]");
  const said = form.querySelector("[data-said]");
  const note = form.querySelector("[name=note]");
  const MARKS = { c: "chosen", r: "rejected", b: "both", n: "none" };

  const radios = (row) => all("input[type=radio]", row);
  const mark = (row) => radios(row).find((each) => each.checked)?.value ?? "";
  const zones = (row) => all(`[data-zone="${CSS.escape(row.dataset.name)}"]`, form);

  let current = null;
  let ruling = "";
  let sent = false;
  let touched = false;

  // The running sum, and the marks as they stand on the picture.

  const refresh = () => {
    const marks = names.map(mark);
    const [chosen, left, seats] = [marks.filter((each) => each === "chosen").length, marks.filter((each) => !each).length, Number(form.dataset.seats)];
    const words = sum.dataset;
    const parts = [fill(words.words, { chosen, seats })];
    if (left) parts.push(fill(words.open, { left }));
    if (chosen > seats) parts.push(fill(words.over, { over: chosen - seats }));
    else if (!chosen && !left && names.length > 1) parts.push(words.none);
    sum.textContent = parts.join(" · ");
    const bad = chosen > seats || (!chosen && !left && names.length > 1 && form.dataset.nobody === "invalid");
    const tone = bad ? (blind && !touched ? "is-todo" : "is-bad") : left ? "" : "is-ok";
    sum.className = `sheet-sum js-only ${tone}`;
    names.forEach((row, index) => zones(row).forEach((zone) => zone.setAttribute("data-mark", marks[index])));
  };

  const show = (row) => {
    current = row;
    names.forEach((each) => {
      each.classList.toggle("is-current", each === row);
      zones(each).forEach((zone) => zone.classList.toggle("is-current", each === row));
    });
    const zone = row && zones(row)[0];
    if (!zone || !view.classList.contains("is-large")) return;
    const [at, frame] = [zone.getBoundingClientRect(), view.getBoundingClientRect()];
    view.scrollBy({ top: at.top - frame.top - frame.height / 3, left: at.left - frame.left - 16 });
  };

  const go = (row) => {
    if (!row) return;
    show(row);
    if (document.activeElement !== entry) (radios(row).find((each) => each.checked) ?? radios(row)[0]).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const at = walked.indexOf(current);
    go(walked[at < 0 ? (by > 0 ? 0 : walked.length - 1) : Math.min(walked.length - 1, Math.max(0, at + by))]);
  };

  const set = (row, value) => {
    const radio = radios(row).find((each) => each.value === value);
    if (!radio) return false;
    radio.checked = true;
    touched = true;
    refresh();
    return true;
  };

  const decide = (value) => {
    const row = current ?? walked.find((each) => !mark(each)) ?? walked[0];
    if (!row || !set(row, value)) return;
    show(row);
    const next = blind ? walked[walked.indexOf(row) + 1] : walked.find((each) => !mark(each));
    if (next) go(next);
    else if (!blind) verdictRadio("valid")?.focus({ preventScroll: true });
  };

  // The verdict: V, or I and X with the number of the ground.

  const verdictRadio = (value) => form.querySelector(`[name=verdict][value="${value}"]`);
  const grounds = (name) => all(`[data-ruling=${name}] input`, form);

  const rule = (name) => {
    ruling = name === "valid" ? "" : name;
    all("[data-ruling]", form).forEach((each) => each.classList.toggle("is-open", each.dataset.ruling === ruling));
    const choices = grounds(name);
    if (name === "valid") choices[0].checked = true;
    (choices.find((each) => each.checked) ?? choices[0]).focus({ preventScroll: true });
    choices[0].closest("[data-ruling]").scrollIntoView({ block: "nearest" });
  };

  const ground = (digit) => {
    const choice = grounds(ruling)[digit - 1];
    if (!choice) return;
    choice.checked = true;
    choice.focus({ preventScroll: true });
  };

  const save = () => {
    if (!sent) form.requestSubmit();
  };

  // Numbers of names that are struck out: 7, 12, or 5-9. Enter takes the number; Enter alone saves the ballot.

  const strikeOut = () => {
    const [first, last] = entry.value.split("-").map((part) => Number.parseInt(part, 10));
    const rows = names.filter((row) => Number(row.dataset.number) >= first && Number(row.dataset.number) <= (last || first));
    const words = said.dataset;
    if (!rows.length) said.textContent = fill(words.unknown, { number: entry.value });
    else if (rows.length > 1) {
      rows.forEach((row) => set(row, "rejected"));
      said.textContent = fill(words.several, { count: rows.length });
    } else {
      const value = mark(rows[0]) === "rejected" ? "chosen" : "rejected";
      set(rows[0], value);
      const name = rows[0].querySelector(".sheet-label").innerText.trim().replace(/\s+/g, " ");
      said.textContent = fill(value === "rejected" ? words.struck : words.chosen, { name });
    }
    entry.value = "";
    if (rows.length) {
      show(rows.at(-1));
      rows.at(-1).scrollIntoView({ block: "nearest" });
    }
  };

  const larger = (yes) => {
    view.classList.toggle("is-large", yes);
    if (current) show(current);
  };

  const COMMANDS = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    v: () => rule("valid"),
    i: () => rule("invalid"),
    x: () => rule("not_counted"),
    z: () => follow("z"),
    l: () => follow("l"),
    a: () => {
      names.filter((row) => !mark(row)).forEach((row) => set(row, "chosen"));
    },
    "+": () => larger(true),
    "=": () => larger(true),
    "-": () => larger(false),
    "−": () => larger(false),
    Escape: () => (entry ?? walked[0]?.querySelector("input"))?.focus(),
  };

  const typed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === note) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const inEntry = event.target === entry;
    if (key === "Enter") {
      if (event.target.matches("a, button, summary")) return;
      event.preventDefault();
      if (inEntry && entry.value) strikeOut();
      else save();
      return;
    }
    if (/^\d$/.test(key)) {
      if (ruling && !inEntry) {
        event.preventDefault();
        ground(Number(key));
      } else if (entry && !inEntry) {
        entry.focus();
      }
      return;
    }
    if (inEntry && key === "-" && entry.value) return;
    const command = key in MARKS ? () => decide(MARKS[key]) : COMMANDS[key];
    if (command) {
      event.preventDefault();
      command();
    } else if (inEntry && key.length === 1) {
      event.preventDefault();
    }
  };

  document.addEventListener("keydown", typed);
  form.addEventListener("change", (event) => {
    if (event.target.name !== "verdict") ruling = "";
    refresh();
  });
  form.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-name]");
    if (row) show(row);
    if (event.target === entry) ruling = "";
  });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => (sent = false));
  view.addEventListener("dblclick", () => larger(!view.classList.contains("is-large")));

  refresh();
  if (!document.querySelector("[data-focus]")) {
    if (blind && entry) entry.focus({ preventScroll: true });
    else if (!("many" in form.dataset)) go(walked.find((each) => !mark(each)) ?? walked[0]);
    if (!current && document.activeElement !== entry) verdictRadio("valid").focus({ preventScroll: true });
  }
})();
