// Small things that every page shares. No inline script, no eval.
"use strict";

// On a phone the navigation is a strip: show where one is.
document.querySelector(".bar nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A form that is being sent is not sent a second time by an impatient hand; the server would take both as one anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  // A letter is a download: the page stays, and may ask for another.
  setTimeout(() => delete form.dataset.sent, 4000);
});
// The back button shows a page as it was left: its forms may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What cannot be swapped in (a refused form, a page that is gone) is shown whole instead of being dropped in silence.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status === 400 || status === 409 || status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// g, then p: to the panel, from everywhere. Whoever has turned the keys off on this device types as before.
let lastKey = "";
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea, [contenteditable], dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("keys") === "off") return;
  const home = document.querySelector(".bar nav a[href='/']");
  if (lastKey === "g" && event.key === "p" && home) location.assign(home.href);
  lastKey = event.key;
});

// Whoever signs out leaves nothing of a session sheet in this tab; where something has not been sent yet, that is said first.
const signOut = document.querySelector("[data-sign-out]");
if (signOut) {
  const sheets = Object.keys(sessionStorage).filter((key) => key.startsWith("euthymia-sheet:"));
  signOut.querySelector("[data-sheet-waits]").hidden = !sheets.some((key) => JSON.parse(sessionStorage.getItem(key)).entries.length);
  signOut.addEventListener("submit", () => sheets.forEach((key) => sessionStorage.removeItem(key)));
}
