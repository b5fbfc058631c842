// An extra: a tap on an answer sends it, and the keys 1 to 9 choose one. Without this script, "Next" does.
(() => {
  const form = document.querySelector("form.question");
  if (!form) return;
  const radios = [...form.querySelectorAll("input[type=radio]")];
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // The page from the browser's own store is answered anew.
  window.addEventListener("pageshow", () => { sent = false; });
  // A finger or a mouse: `detail` counts its clicks. The arrow keys choose without sending.
  form.addEventListener("click", (event) => {
    if (event.detail > 0 && event.target.closest(".answer")) setTimeout(() => { if (form.querySelector("input:checked")) form.requestSubmit(); }, 120);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
    const radio = radios[Number(event.key) - 1];
    if (!radio) return;
    radio.checked = true;
    radio.focus();
  });
})();
