// What scripts add to pages that work without them: theme, menus, dialogs, questions, live parts, keys, dropped files.

(() => {
  "use strict";

  const root = document.documentElement;
  root.classList.add("has-js");

  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const words = (name) => find("#live-words")?.dataset[name] ?? "";

  const say = (text) => {
    const place = find("#live-words");
    if (place) place.textContent = text;
  };

  const complain = (text) => {
    const place = find("#messages");
    if (!place || !text) return;
    const alert = document.createElement("div");
    alert.className = "alert is-danger is-message";
    alert.textContent = text;
    place.append(alert);
  };

  // Theme: kept in a cookie, so that the server draws the page right from the start.

  const showTheme = () => {
    const theme = root.dataset.theme || "system";
    for (const button of all("[data-set-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
    }
  };

  const setTheme = (theme) => {
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    showTheme();
  };

  // Menus: only one is open; Escape and a click elsewhere close it.

  const closeMenus = (except) => {
    for (const menu of all("details[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  // Dialogs: a link to a page opens the dialog that holds the same form instead.

  const openDialog = (opener, event) => {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
  };

  // Questions before something is done.

  const ask = (source, go) => {
    const dialog = find("#confirm");
    if (!dialog?.showModal) return go();
    const yes = find("[data-yes]", dialog);
    const danger = source.dataset.confirmKind === "danger" || source.classList.contains("is-danger");
    find("#confirm-words").textContent = source.dataset.confirm;
    yes.textContent = source.dataset.confirmLabel || yes.dataset.words;
    yes.className = `button ${danger ? "is-danger" : "is-primary"}`;
    yes.onclick = () => {
      dialog.close();
      go();
    };
    dialog.showModal();
  };

  const confirmSubmit = (event) => {
    const form = event.target;
    const asks = event.submitter?.dataset.confirm ? event.submitter : form.dataset.confirm ? form : null;
    if (!asks || form.dataset.confirmed) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(asks, () => {
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter ?? undefined);
    });
  };

  // Changes that have not been saved.

  let unsaved = false;

  const noteChange = (event) => {
    if (event.target.closest?.("form[data-guard]")) unsaved = true;
  };

  const guard = (event) => {
    if (!unsaved) return;
    event.preventDefault();
    event.returnValue = words("unsaved");
  };

  // Live parts: data-live="unit:<id>". Upon a tick the part asks for itself (hx-get with hx-trigger="live") or is taken
  // afresh from its page by its id.

  const streams = new Map();

  let said = 0;

  const fresh = (element) => {
    element.classList.add("is-fresh");
    setTimeout(() => element.classList.remove("is-fresh"), 1700);
    // A count that changes every second must not talk over the reader: once in half a minute is enough.
    if (Date.now() - said < 30000) return;
    said = Date.now();
    say(words("updated"));
  };

  const refetch = async (element) => {
    if (element.hasAttribute("hx-get")) {
      window.htmx?.trigger(element, "live");
      return;
    }
    const answer = await fetch(element.dataset.liveUrl || location.href, { headers: { "X-Live": "1" } });
    if (!answer.ok || !element.id) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const renewed = page.getElementById(element.id);
    if (!renewed || element.contains(document.activeElement)) return;
    element.replaceChildren(...renewed.childNodes);
    window.htmx?.process(element);
    fresh(element);
  };

  // A tick only says that something happened. While many come, a part is taken afresh every two seconds at most.

  const waiting = new Set();

  const heard = (channel) => {
    if (waiting.has(channel)) return;
    waiting.add(channel);
    setTimeout(() => {
      waiting.delete(channel);
      all("[data-live]").filter((each) => each.dataset.live === channel).forEach(refetch);
    }, 250 + Math.random() * 1750);
  };

  // A pass is good for five minutes and opens one stream; a stream that was cut off is opened again with a new one.
  const follow = async (channel) => {
    streams.set(channel, { close() {} });
    const answer = await fetch(`${root.dataset.livePass}?channel=${encodeURIComponent(channel)}`).catch(() => null);
    if (!answer?.ok || !streams.has(channel)) {
      if (!answer) setTimeout(() => streams.has(channel) && follow(channel), 10000);
      return;
    }
    const stream = new EventSource((await answer.json()).url);
    streams.set(channel, stream);
    stream.addEventListener("tick", () => heard(channel));
    stream.onopen = () => document.body.classList.remove("is-offline");
    stream.onerror = () => {
      if (!document.body.classList.contains("is-offline")) say(words("lost"));
      document.body.classList.add("is-offline");
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => streams.has(channel) && follow(channel), 5000);
    };
  };

  const listen = () => {
    const wanted = new Set(all("[data-live]").map((element) => element.dataset.live));
    for (const [url, stream] of streams) {
      if (!wanted.has(url)) {
        stream.close();
        streams.delete(url);
      }
    }
    for (const channel of wanted) {
      if (!streams.has(channel) && window.EventSource && root.dataset.livePass) follow(channel);
    }
  };

  // A folded part that a choice needs: data-open-with="<field>:<value>,<value>" opens it with the choice.

  const unfold = (event) => {
    for (const part of all("details[data-open-with]", event.target.form ?? document)) {
      const [name, values] = part.dataset.openWith.split(":");
      if (event.target.name === name) part.open = values.split(",").includes(event.target.value);
    }
  };

  // Rows of a table: arrows or J and K walk through their links, Home and End jump.

  const walkRows = (event) => {
    const row = event.target.closest?.("table[data-rows] tbody tr");
    if (!row || event.target.matches("input, select, textarea") || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = all("tr", row.parentElement).filter((each) => find("a, button, input", each));
    const at = rows.indexOf(row);
    const moves = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: rows.length - 1 };
    const next = rows[moves[event.key]];
    if (!next) return;
    event.preventDefault();
    const column = all("a, button, input", row).indexOf(event.target);
    const stops = all("a, button, input", next);
    (stops[column] ?? stops[0]).focus();
  };

  // Figures keyed in one under the other: Enter and the arrows go on, as in a sheet.

  const walkFigures = (event) => {
    const figures = event.target.closest?.("[data-figures]");
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!figures || !step || !event.target.matches("input") || event.ctrlKey || event.metaKey) return;
    const inputs = all("input:not([type=hidden], [type=checkbox], [disabled])", figures);
    const next = inputs[inputs.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  };

  const shortcuts = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "Enter" && event.ctrlKey) event.target.form?.requestSubmit();
      return;
    }
    if (event.target.matches?.("input, textarea, select, [contenteditable]")) return;
    const goal = all("[data-shortcut]").find((each) => each.dataset.shortcut === event.key && each.offsetParent);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  };

  // Files dropped on a field.

  const drag = (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("is-over", event.type === "dragover");
    const input = find("input[type=file]", zone);
    if (event.type !== "drop" || !input || !event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const reveal = (button) => {
    const input = document.getElementById(button.dataset.reveal);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  };

  const dismiss = (message) => {
    message.classList.add("is-leaving");
    setTimeout(() => message.remove(), 260);
  };

  const clicked = (event) => {
    const target = event.target.closest?.("[data-dialog], [data-close], [data-dismiss], [data-reveal], [data-set-theme], [data-print]");
    closeMenus(event.target.closest?.("details[data-menu]"));
    if (!target) return;
    if ("dialog" in target.dataset) openDialog(target, event);
    else if ("close" in target.dataset) target.closest("dialog")?.close();
    else if ("dismiss" in target.dataset) dismiss(target.closest(".alert"));
    else if ("reveal" in target.dataset) reveal(target);
    else if ("setTheme" in target.dataset) setTheme(target.dataset.setTheme);
    else window.print();
  };

  const pressed = (event) => {
    if (event.key === "Escape") {
      const open = find("details[data-menu][open]");
      if (open) {
        open.open = false;
        find("summary", open).focus();
      }
    }
    walkRows(event);
    walkFigures(event);
    shortcuts(event);
  };

  // A part that has just come in: listen to its channels, put the reader at the refusal it brings.

  const arrived = (within) => {
    listen();
    const refusal = within.matches?.("[data-focus]") ? within : find("[data-focus]", within);
    if (refusal) refusal.focus({ preventScroll: false });
  };

  document.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
  document.addEventListener("submit", confirmSubmit, true);
  document.addEventListener("submit", () => (unsaved = false));
  document.addEventListener("input", noteChange);
  document.addEventListener("change", unfold);
  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, drag);
  window.addEventListener("beforeunload", guard);
  document.addEventListener("htmx:afterSwap", (event) => arrived(event.detail.target));
  document.addEventListener("htmx:confirm", (event) => {
    const source = event.detail.elt.closest("[data-confirm]");
    if (!source || source.tagName === "FORM") return;
    event.preventDefault();
    ask(source, () => event.detail.issueRequest(true));
  });
  document.addEventListener("allauth.error", (event) => complain(event.detail?.exception?.message));

  showTheme();
  arrived(document);
})();
