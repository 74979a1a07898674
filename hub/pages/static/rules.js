// The rule editor: shows of each strategy what its choices need. Without scripts everything is shown.
(() => {
  "use strict";
  const TEXTS = ["country", "channel", "connection", "ship_method", "payment"];
  const OPS = { text: ["is", "is_not", "any_of", "none_of"], tags: ["any_of", "none_of", "all_of"], number: ["is", "is_not", "at_least", "at_most"] };

  function condition(row) {
    const [field, op] = row.querySelectorAll("select");
    const value = row.querySelector("input");
    const kind = field.value === "tags" ? "tags" : TEXTS.includes(field.value) ? "text" : "number";
    for (const option of op.options) option.hidden = option.disabled = !OPS[kind].includes(option.value);
    if (op.selectedOptions[0]?.disabled !== false) op.value = OPS[kind][0];
    op.disabled = value.disabled = !field.value;
  }

  function band(row) {
    row.querySelector(".band").hidden = !["distance", "cost", "availability", "ships_on"].includes(row.querySelector("select").value);
  }

  function strategy(card) {
    const way = card.querySelector("select[name$='.search']").value;
    for (const part of card.querySelectorAll("[data-when-search]")) part.hidden = !part.dataset.whenSearch.split(" ").includes(way);
    for (const part of card.querySelectorAll("[data-when-search-open]")) if (way === part.dataset.whenSearchOpen) part.open = true;
    const days = card.querySelector("input[name$='.leftover.days']").closest(".field");
    days.hidden = !["wait_until", "cancel_after"].includes(card.querySelector("select[name$='.leftover.action']").value);
  }

  function refresh() {
    document.querySelectorAll("[data-condition]").forEach(condition);
    document.querySelectorAll(".criteria > li").forEach(band);
    document.querySelectorAll("[data-strategy]").forEach(strategy);
  }

  const form = document.querySelector(".rule-form");
  let touched = false;
  form.addEventListener("input", () => { touched = true; });
  form.addEventListener("change", refresh);
  form.addEventListener("submit", () => { touched = false; });
  window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });
  refresh();
})();
