// The form of a decision shows what belongs to the choice; menus close; a page can be printed. Everything works without it.
(() => {
  const fit = (form) => {
    const chosen = form.querySelector("#choice").selectedOptions[0];
    const what = chosen ? chosen.dataset.disposition || "" : "";
    form.querySelectorAll("[data-when]").forEach((part) => { part.hidden = part.dataset.when !== what; });
    form.querySelectorAll("#reason_code option[data-for]").forEach((option) => {
      const fits = !what || option.dataset.for.split(" ").includes(what);
      option.hidden = option.disabled = !fits;
      if (!fits && option.selected) form.querySelector("#reason_code").value = "";
    });
  };
  const begin = (root) => root.querySelectorAll("form[data-decide]").forEach((form) => {
    if (form.dataset.begun) return;
    form.dataset.begun = "yes";
    form.addEventListener("change", (event) => { if (event.target.id === "choice") fit(form); });
    form.addEventListener("submit", () => { form.querySelector("button.primary").setAttribute("aria-busy", "true"); });
    fit(form);
    const first = form.querySelector("[aria-invalid]") || form.querySelector("#choice");
    first.focus();
  });
  document.addEventListener("htmx:afterSwap", () => begin(document));
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.more[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.more[open]").forEach((menu) => { menu.open = false; menu.firstElementChild.focus(); });
  });
  document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => print()); });
  begin(document);
})();
