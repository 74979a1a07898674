// Keeps parts of a page fresh: when /events says that a topic changed, the part is asked for again, at most once in 1.5 s.
(() => {
  "use strict";
  const PAUSE = 1500;
  const parts = [...document.querySelectorAll("[data-live]")].map((box) => ({ box, busy: false, again: false }));
  if (!parts.length || !window.EventSource) return;

  const inUse = (box) => box.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  const asking = () => document.querySelector("dialog[open]") !== null;

  async function refresh(part) {
    if (part.busy || document.hidden) { part.again = true; return; }
    part.busy = true;
    part.again = false;
    try {
      const answer = await fetch(part.box.dataset.from, { headers: { Accept: "text/html", "HX-Request": "true" } });
      if (answer.ok && !inUse(part.box) && !asking()) {
        part.box.innerHTML = await answer.text();
        document.dispatchEvent(new Event("htmx:after:swap"));
      }
    } catch { /* the next change, or the next half minute, asks again */ }
    setTimeout(() => { part.busy = false; if (part.again) refresh(part); }, PAUSE);
  }

  const source = new EventSource("/events");
  for (const topic of new Set(parts.flatMap((part) => part.box.dataset.live.split(" ")))) {
    source.addEventListener(topic, () => {
      for (const part of parts) if (part.box.dataset.live.split(" ").includes(topic)) refresh(part);
    });
  }
  addEventListener("pagehide", () => source.close());
  document.addEventListener("visibilitychange", () => { for (const part of parts) if (part.again) refresh(part); });
  setInterval(() => parts.forEach(refresh), 30000);
})();
