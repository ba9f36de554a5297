// The pages of a result follow each other by themselves; arrows turn them, P stops them, F fills the screen.

(() => {
  "use strict";

  const pages = [...document.querySelectorAll(".slide-page")];
  const number = document.querySelector(".slide-current");
  const seconds = Number(document.body.dataset.seconds) || 12;
  let current = pages.findIndex((page) => !page.hidden);
  let timer = null;

  const show = (wanted) => {
    current = (wanted + pages.length) % pages.length;
    pages.forEach((page, at) => {
      page.hidden = at !== current;
    });
    if (number) number.textContent = String(current + 1);
    history.replaceState(null, "", `?page=${current + 1}`);
  };

  const stop = () => {
    clearInterval(timer);
    timer = null;
  };

  const go = () => {
    stop();
    if (pages.length > 1) timer = setInterval(() => show(current + 1), seconds * 1000);
  };

  // Whoever turns a page wants to look at it: it stays until P lets them go on.
  const turn = (step) => {
    stop();
    show(current + step);
  };

  const fill = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  };

  const keys = {
    ArrowRight: () => turn(1),
    ArrowDown: () => turn(1),
    PageDown: () => turn(1),
    " ": () => turn(1),
    ArrowLeft: () => turn(-1),
    ArrowUp: () => turn(-1),
    PageUp: () => turn(-1),
    Home: () => turn(-current),
    End: () => turn(pages.length - 1 - current),
    p: () => (timer ? stop() : go()),
    f: fill,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || !pages.length) return;
    event.preventDefault();
    act();
  });

  document.querySelectorAll(".slide-turn").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      turn(link.rel === "next" ? 1 : -1);
    });
  });

  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) go();
})();
