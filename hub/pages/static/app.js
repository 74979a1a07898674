// Small helpers of the shell; every page also works without them (menus open, forms post).
(() => {
  "use strict";
  const root = document.documentElement;
  const language = root.lang || "en";
  const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const STEPS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  function agoText(seconds) {
    const step = STEPS.find(([, size]) => Math.abs(seconds) >= size) || ["second", 1];
    return ago.format(Math.round(seconds / step[1]), step[0]);
  }

  function freshenTimes(part) {
    for (const time of part.querySelectorAll("time[data-ago], time[data-clock]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      time.title = exact.format(at);
      time.textContent = "ago" in time.dataset ? agoText((at - Date.now()) / 1000) : exact.format(at);
    }
  }

  // Menus: one open at a time, closed by a click elsewhere and by Escape.
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  }
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(null);
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
  });

  // Questions before something that cannot be taken back: <button data-confirm="…">.
  const ask = document.getElementById("ask");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-confirm]");
    if (!button || !ask || button.dataset.sure) return;
    event.preventDefault();
    event.stopPropagation();
    ask.querySelector("[data-question]").textContent = button.dataset.confirm;
    const yes = ask.querySelector("[data-yes]");
    yes.textContent = button.textContent.trim();
    ask.onclose = () => {
      if (ask.returnValue !== "yes") return;
      button.dataset.sure = "1";
      button.click();
      delete button.dataset.sure;
    };
    ask.returnValue = "";
    ask.showModal();
  }, true);

  // Copy buttons: <button data-copy="id of the element">.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    event.preventDefault();
    const source = button.closest("[data-copy-from]").querySelector("code, pre");
    await navigator.clipboard.writeText(source.textContent);
    toast(button.dataset.done, "ok");
  });

  // Selects that send their form at once, and password fields that can be looked at.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-show-password]")) {
      for (const field of event.target.form.querySelectorAll("[data-password]")) {
        field.type = event.target.checked ? "text" : "password";
      }
    }
  });

  const toasts = document.getElementById("toasts");
  function toast(text, tone) {
    if (!toasts || !text) return;
    const box = document.createElement("div");
    box.className = `toast ${tone || ""}`;
    box.setAttribute("role", tone === "bad" ? "alert" : "status");
    box.append(text);
    toasts.append(box);
    setTimeout(() => box.remove(), tone === "bad" ? 12000 : 5000);
  }
  window.stockline = { toast };

  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());
  for (const box of document.querySelectorAll(".toast[data-leave]")) setTimeout(() => box.remove(), 6000);

  // htmx: forms of swapped parts carry the token, times of new parts are freshened.
  const csrf = document.querySelector('meta[name="csrf"]')?.content;
  document.addEventListener("htmx:config:request", (event) => {
    const headers = event.detail?.ctx?.request?.headers;
    if (headers && csrf) headers["X-CSRF-Token"] = csrf;
  });
  document.addEventListener("htmx:after:swap", () => freshenTimes(document));

  freshenTimes(document);
  setInterval(() => freshenTimes(document), 20000);
})();
