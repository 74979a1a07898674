// The scan field: keeps the focus for a keyboard wedge, sends scans one after the other, shows and feels the answer.
(() => {
  "use strict";
  const form = document.querySelector("[data-scan]");
  const sheet = document.getElementById("sheet");
  document.querySelector("[data-ship] [name=tracking][autofocus]")?.focus();
  if (!form || !sheet) return;
  const field = form.elements.code;
  const token = form.elements.csrf.value;
  const keyboard = form.querySelector("[data-keyboard]");
  const waiting = [];
  let sending = false;

  // A scanner types by itself: the screen keyboard stays down unless it is asked for.
  function showKeyboard(wanted) {
    field.inputMode = wanted ? "text" : "none";
    keyboard.setAttribute("aria-pressed", String(wanted));
    field.blur();
    field.focus();
  }
  keyboard.hidden = !matchMedia("(pointer: coarse)").matches;
  if (!keyboard.hidden) showKeyboard(false);
  keyboard.addEventListener("click", () => showKeyboard(field.inputMode === "none"));

  function feel() {
    const tone = sheet.querySelector(".said")?.dataset.tone;
    if (tone && navigator.vibrate) navigator.vibrate(tone === "ok" ? 60 : [140, 70, 140]);
  }

  async function send() {
    if (sending || !waiting.length) return;
    sending = true;
    sheet.classList.add("wait");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "text/html", "HX-Request": "true", "X-CSRF-Token": token },
        body: new URLSearchParams({ code: waiting.shift() }),
      });
      if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
      sheet.innerHTML = await answer.text();
      document.dispatchEvent(new Event("htmx:after:swap"));
      form.hidden = sheet.querySelector("[data-left='0']") !== null;
    } catch {
      waiting.length = 0;
      const said = sheet.querySelector(".said");
      said.className = "said bad";
      said.dataset.tone = "bad";
      said.textContent = sheet.dataset.lost;
    }
    feel();
    sheet.classList.remove("wait");
    sending = false;
    if (waiting.length) send(); else if (!form.hidden) field.focus();
    else sheet.querySelector(".pick-next button")?.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (code) { waiting.push(code); send(); }
  });
  // A scan that starts while nothing has the focus lands in the field all the same.
  document.addEventListener("keydown", (event) => {
    const plain = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && document.activeElement === document.body && !form.hidden) field.focus();
  });
  // A tap beside everything gives the focus back to the field.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a, button, input, select, summary, details, label") && !form.hidden) field.focus();
  });
  field.focus();
})();
