// Locks a screen that nobody touches: the page is taken out of the document (what was typed stays with it, in this tab alone),
// the server is told, and the password brings both back. <script src="…/lock.js" data-minutes="15" data-lock="…" data-unlock="…" data-other="…">
(() => {
  const set = document.currentScript.dataset;
  const idle = Number(set.minutes) * 60000;
  const KEY = "euthymia-last-touched";
  if (!idle) return;
  let kept = null, title = "";

  const touched = () => { if (!kept) try { localStorage.setItem(KEY, String(Date.now())); } catch { /* private window */ } last = Date.now(); };
  let last = Date.now();
  const since = () => {
    let other = 0;
    try { other = Number(localStorage.getItem(KEY)) || 0; } catch { /* private window */ }
    return Date.now() - Math.max(last, other);
  };
  const headers = JSON.parse(document.body?.getAttribute("hx-headers") || "{}");
  const send = (address, fields) => fetch(address, {
    method: "POST", redirect: "manual", credentials: "same-origin", headers, body: new URLSearchParams(fields),
  });

  const make = (tag, words, more) => Object.assign(document.createElement(tag), { textContent: words, ...more });

  const cover = () => {
    if (kept) return;
    kept = document.createDocumentFragment();
    kept.append(...document.body.childNodes);
    title = document.title;
    document.title = "Locked · Euthymia";
    send(set.lock, { back: location.pathname + location.search }).catch(() => {});
    const main = make("main", "", { id: "main", className: "tone-plain" });
    const form = make("form", "", { className: "card entrance" });
    const label = make("label", "Password", { htmlFor: "unlock" });
    const field = make("input", "", { id: "unlock", type: "password", name: "password", autocomplete: "current-password", required: true });
    const says = make("p", "", { className: "error" });
    says.setAttribute("role", "status");
    const actions = make("p", "", { className: "actions" });
    const another = make("a", "Another way, or somebody else", { href: set.other });
    actions.append(make("button", "Unlock", { className: "primary", type: "submit" }), another);
    form.append(make("h1", "Locked"), make("p", "Nobody used this screen for a while. What you had open is still here, and nothing that you wrote is lost."), label, field, says, actions);
    main.append(form);
    document.body.append(main);
    field.focus();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      says.textContent = "";
      try {
        const answer = await send(set.unlock, { password: field.value });
        if (answer.status === 204) uncover(main);
        else if (answer.type === "opaqueredirect") says.textContent = "You have been signed out meanwhile. Sign in in another window, then come back here.";
        else says.textContent = answer.status === 429 ? "Too many tries. Wait a few minutes." : "That is not the password.";
      } catch {
        says.textContent = "The clinic cannot be reached just now. Try again.";
      }
      field.value = "";
    });
  };

  const uncover = (main) => {
    main.remove();
    document.body.append(kept);
    document.title = title;
    kept = null;
    touched();
  };

  for (const sign of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"])
    addEventListener(sign, touched, { passive: true, capture: true });
  addEventListener("pageshow", touched);
  setInterval(() => { if (since() > idle) cover(); }, Math.min(5000, idle / 4));
})();
