// Asks for a part of the page again until what it waits for is there; without scripts a link does it.
(() => {
  "use strict";
  const box = document.querySelector("[data-poll]");
  if (!box) return;
  async function look() {
    try {
      const answer = await fetch(box.dataset.poll, { headers: { Accept: "text/html", "HX-Request": "true" } });
      if (answer.ok) {
        const text = await answer.text();
        const state = new DOMParser().parseFromString(text, "text/html").querySelector("[data-state]")?.dataset.state;
        if (state !== "new" && state !== "running") { location.reload(); return; }
      }
    } catch { /* the next look asks again */ }
    setTimeout(look, 1500);
  }
  setTimeout(look, 800);
})();
