// The keys of the panel: j and k go through the list, / searches, ? says which keys there are. Enter is the link's own.
"use strict";

(() => {
  const dialog = document.getElementById("keys");
  const on = document.getElementById("keys-on");
  const links = () => [...document.querySelectorAll(".cases .who a")];

  function showButton() {
    const button = document.getElementById("show-keys");
    if (button) button.hidden = false;
  }

  function step(by) {
    const all = links();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next].focus({ focusVisible: true });
    all[next].closest("tr").scrollIntoView({ block: "nearest" });
  }

  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  showButton();
  document.addEventListener("htmx:afterSwap", showButton);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#show-keys")) dialog.showModal();
    // A press beside an open filter closes it.
    for (const more of document.querySelectorAll("details.more[open]")) if (!more.contains(event.target)) more.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const more of document.querySelectorAll("details.more[open]")) more.open = false;
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || typing || dialog.open || localStorage.getItem("keys") === "off") return;
    const keys = { j: () => step(1), k: () => step(-1), "/": () => document.getElementById("search").focus(), "?": () => dialog.showModal() };
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
})();
