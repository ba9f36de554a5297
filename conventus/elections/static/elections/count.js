// Running sums while a count or an electorate is keyed in, and a question before unsaved figures are left behind.
// The pages work without it: the server checks every figure.

(() => {
  "use strict";

  const all = (selector, within) => [...within.querySelectorAll(selector)];

  const figure = (input) => {
    const text = input?.value.trim() ?? "";
    return /^\d+$/.test(text) ? Number(text) : null;
  };

  const sum = (inputs) => inputs.reduce((total, input) => total + (figure(input) ?? 0), 0);

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const show = (place, text, tone) => {
    place.textContent = text;
    place.className = tone ? `is-${tone}` : "";
  };

  // A count: papers must add up, votes must fit on the valid ballots, no name can have more votes than ballots.

  const watchCount = (form) => {
    const running = form.querySelector("[data-running]");
    const words = running.dataset;
    const named = (name) => form.querySelector(`input[name=${name}]`);
    const votes = all("input[data-role=votes]", form);
    const against = all("input[data-role=against]", form);
    const inputs = all("[data-figures] input", form);
    const seats = Number(form.dataset.seats);

    const papers = (collected, valid, invalid) => {
      const place = running.querySelector("[data-papers]");
      if (collected === null || valid === null || invalid === null) return show(place, "", "");
      const right = valid + invalid === collected;
      return show(place, fill(right ? words.papersOk : words.papersBad, { sum: valid + invalid, collected }), right ? "ok" : "bad");
    };

    const voted = (valid) => {
      const place = running.querySelector("[data-votes]");
      const total = sum(votes);
      if (valid === null || form.dataset.style !== "strike") return show(place, fill(words.votesSome, { sum: total }), "");
      const most = valid * seats;
      const right = total <= most;
      return show(place, fill(right ? words.votesOk : words.votesBad, { sum: total, most }), right ? "ok" : "bad");
    };

    const left = () => {
      const count = inputs.filter((input) => figure(input) === null).length;
      const text = count ? fill(words.left, { count }) : words.leftNone;
      show(running.querySelector("[data-left]"), text, count ? "" : "ok");
    };

    const tooMany = (valid) => {
      votes.forEach((input, index) => {
        const other = against[index] ? figure(against[index]) ?? 0 : 0;
        const over = valid !== null && (figure(input) ?? 0) + other > valid;
        input.closest(".count-row").classList.toggle("is-over", over);
      });
    };

    const refresh = () => {
      const [collected, valid, invalid] = ["collected", "valid", "invalid"].map((name) => figure(named(name)));
      papers(collected, valid, invalid);
      voted(valid);
      left();
      tooMany(valid);
    };

    form.addEventListener("input", refresh);
    refresh();
    const start = inputs.find((input) => figure(input) === null);
    if (!form.querySelector("[data-focus]")) (start ?? inputs[0]).focus();
  };

  // The base: lines that count are added or taken off as they are keyed in.

  const watchBase = (grid) => {
    const lines = all("input[data-sign]", grid);
    const total = grid.querySelector("[data-base-total]");
    const refresh = () => {
      const figures = lines.map((input) => figure(input));
      const base = lines.reduce((so, input, index) => so + Number(input.dataset.sign) * (figures[index] ?? 0), 0);
      total.textContent = figures.every((each) => each === null) ? "–" : String(base);
    };
    grid.addEventListener("input", refresh);
    refresh();
  };

  // Figures that are on the page but not saved: typed before, checked, or sent back with an error.

  const holdBack = (form, kept) => {
    let sent = !kept;
    form.addEventListener("submit", () => (sent = true));
    window.addEventListener("beforeunload", (event) => {
      if (sent) return;
      event.preventDefault();
      event.returnValue = "";
    });
  };

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-figures] input")) event.target.select();
  });
  for (const form of document.querySelectorAll("[data-count]")) {
    watchCount(form);
    holdBack(form, all("[data-figures] input", form).some((input) => input.value));
  }
  for (const form of document.querySelectorAll("[data-review]")) holdBack(form, true);
  for (const grid of document.querySelectorAll("[data-base]")) watchBase(grid);
})();
