// The page of a session sheet: every tap becomes an entry of the queue, every answer of the server is shown where it belongs.
// What is clinical (limits, gates, what is still open) comes from the core as data; nothing of it is decided here.
"use strict";

(() => {
  const root = document.querySelector("[data-sheet]");
  if (!root) return;
  const { sheet, addresses, by, ...given } = JSON.parse(root.dataset.sheet);
  const fields = new Map(sheet.fields.map((field) => [field.id, field]));
  const clock = new SheetClock(sheet.tolerances.clock_minutes, sheet.tolerances.without_end_hours);
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const one = (selector, within = root) => within.querySelector(selector);
  // A sign-in elsewhere changes the token: the cookie always holds the one of now.
  const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] || "";
  let state = given.state;
  let shown = {};

  const queue = new SheetQueue({ name: `euthymia-sheet:${given.id}`, address: addresses.entries, by, token, said: () => show(), answered: (answer) => apply(answer.state) });

  // --- What was entered ---

  const entryOf = (field) => state.fields[field];
  const last = (field) => queue.entries.findLast((entry) => entry.field === field);

  // One answer to one field. What is asked once replaces its last answer.
  const answer = (field, value, more = {}) => {
    const before = !fields.get(field)?.repeats && entryOf(field);
    queue.add(field, value, { replaces: before ? before.entry : null, ...more });
  };

  // The time that somebody chose beside a field, as what goes with the entry; null: it cannot be.
  const timed = (place) => {
    const input = place && one("input[data-time]", place);
    if (!input || !input.value) return {};
    const instant = clock.chosen(input.value);
    input.setCustomValidity(instant ? "" : `found ${input.value}; allowed: now or earlier`);
    if (!instant) input.reportValidity();
    return instant && { measured_at: instant, chosen_time: true };
  };

  const typedSingly = (input) => {
    const { field } = input.closest("[data-field]").dataset;
    const value = input.value.trim();
    const unchanged = value === (last(field)?.value ?? entryOf(field)?.value ?? "");
    if (!value || unchanged || (fields.get(field).input === "number" && !canBe(input))) return;
    answer(field, value);
  };

  // A set of readings is one moment: what was typed goes together, with one time.
  const readings = (form) => {
    const typed = all("input[data-number]", form).filter((input) => input.value.trim());
    const more = timed(form);
    if (!more || !typed.length || !typed.map(canBe).every(Boolean)) return;
    const at = { measured_at: new Date().toISOString(), ...more };
    for (const input of typed) {
      answer(input.name, input.value.trim(), at);
      input.value = "";
      compare(input);
    }
    const time = one("input[data-time]", form);
    if (time) time.value = "";
    one("button", form).focus();
  };

  // --- As one types ---

  const numbered = (input) => fields.get(input.name || input.closest("[data-field]").dataset.field);
  const stages = () => (started() ? ["during", "discharge"] : ["before"]);

  // Whether a typed number can occur; what was found and what is allowed stands at its field.
  const canBe = (input) => {
    const trouble = input.value.trim() && SheetLimits.impossible(numbered(input), sheet.number_pattern, input.value);
    input.toggleAttribute("aria-invalid", Boolean(trouble));
    if (trouble) input.setAttribute("aria-invalid", "true");
    one("[data-limit]", input.closest("[data-number-of]")).textContent = trouble ? `Found ${trouble.found}; allowed: ${trouble.allowed}.` : "";
    return !trouble;
  };

  // Which limits a number passes, the worst first, while it is typed.
  const compare = (input) => {
    const field = numbered(input);
    const value = SheetLimits.number(sheet.number_pattern, input.value);
    const passed = value === null ? [] : SheetLimits.crossed(field.limits, stages(), value, state.before[field.id]);
    const place = one("[data-limit]", input.closest("[data-number-of]"));
    const words = passed.map((limit) => `▲ ${limit.words}: ${[...(limit.together_with.length ? [`with ${limit.together_with.join(", ")}`] : []), ...limit.actions].join("; ")}`);
    place.textContent = [...new Set(words)].slice(0, 2).join(" · ");
    input.removeAttribute("aria-invalid");
  };

  // --- What is shown ---

  const started = () => {
    const waits = last("started_at");
    return waits ? clock.byServer(waits.measured_at) : state.started && Date.parse(state.started);
  };

  const marks = (place, words, kind, button) => {
    place.className = `said ${kind}`;
    if (place.dataset.words === words) return;
    place.dataset.words = words;
    place.textContent = words;
    if (button) place.append(" ", button);
  };

  const confirming = (words, keep) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words || "It is so: keep it" });
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      keep();
    });
    return button;
  };

  // What a line below a field says, in which tone, and the button that keeps what looks wrong.
  const lineOf = (field) => {
    const refused = queue.refused.findLast((each) => each.field === field);
    const waits = last(field);
    const kept = entryOf(field);
    if (waits) return [`◌ Waiting: ${wordsOf(field, waits.value)}`, "waiting"];
    if (refused) {
      const words = `▲ Not kept: ${refused.entry && !isInstant(field) ? `${wordsOf(field, refused.entry.value)}. ` : ""}Found ${refused.found}; allowed: ${refused.allowed}.`;
      return [words, "refused", refused.asks && confirming(refused.confirm, () => queue.confirm(refused.id))];
    }
    if (!kept) return ["", "saved"];
    if (!kept.asks) return [`✓ ${kept.words}`, "saved"];
    const again = () => queue.add(field, kept.value, { replaces: kept.entry, confirmed: true, measured_at: clock.byDevice(Date.parse(kept.at)), chosen_time: true });
    return [`▲ ${kept.words}. Found ${kept.asks.found}; allowed: ${kept.asks.allowed}.`, "refused", confirming("", again)];
  };

  const isInstant = (field) => fields.get(field)?.input === "instant";
  const wordsOf = (field, value) => isInstant(field) ? "" : fields.get(field)?.choices.find(([id]) => id === value)?.[1] ?? value;

  // The line below a field, and its answer: what waits, else what is kept.
  const showField = (place) => {
    const { field } = place.dataset;
    for (const said of all("[data-said]", place)) marks(said, ...lineOf(field));
    const waits = last(field);
    const kept = entryOf(field);
    const value = waits?.value ?? kept?.value;
    for (const button of all("button[data-value]", place)) button.setAttribute("aria-pressed", String(button.dataset.value === value));
    const now = one("[data-now]", place);
    // What has begun is not begun again by a second tap; another time corrects it.
    if (now && now === document.activeElement && value) one("summary", place).focus();
    if (now) now.hidden = Boolean(value);
    const input = one("input[data-single], textarea[data-single]", place);
    if (input && input !== document.activeElement && value !== undefined) input.value = value;
  };

  const QUEUE_WORDS = {
    offline: (n) => `▲ No connection: ${n} waiting. They are kept on this page and sent by themselves.`,
    signed_out: (n) => `▲ Signed out: ${n} waiting. Sign in again in another tab and come back; nothing is lost.`,
    locked: (n) => `▲ Locked: ${n} waiting. Reload this page and unlock it; what waits is kept.`,
    forbidden: (n) => `▲ Not taken: ${n} waiting. Reload this page; what waits is kept.`,
    somebody_else: (n) => `▲ ${n} waiting that somebody else entered here. They go when that person signs in again in this tab.`,
  };

  const showQueue = () => {
    const n = queue.waiting;
    const kind = queue.anothers ? "somebody_else" : queue.trouble;
    const words = !n ? "✓ All saved" : kind ? QUEUE_WORDS[kind](n) : `◌ Saving ${n}`;
    const place = one("[data-queue]");
    if (place.textContent !== words) place.textContent = words;
    place.className = `queue ${n ? (kind ? "trouble" : "waiting") : "saved"}`;
  };

  const showClock = () => {
    const start = started();
    const elapsed = start ? (state.ended ? Date.parse(state.ended) : clock.now()) - start : 0;
    one("[data-clock]").textContent = start ? SheetClock.since(elapsed) : "–:––";
    const next = start && !state.ended ? SheetClock.next(state.times, elapsed) : null;
    const place = one("[data-next]");
    place.textContent = next ? next.words : start ? "session ended" : "before the dose";
    place.classList.toggle("overdue", Boolean(next?.overdue));
    one("[data-clock-off]").hidden = !clock.isOff;
  };

  const show = () => {
    all("[data-field]").forEach(showField);
    showQueue();
    showClock();
  };

  // A part that the server has drawn anew; nobody who is typing in it is disturbed, and the focus stays where it was.
  const swap = (name, html) => {
    const place = one(`[data-part="${name}"]`);
    if (!place || shown[name] === html) return;
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    if (focused && focused.matches("input, textarea, select")) return;
    const open = all("details[open]", place).map((each) => each.id);
    shown[name] = html;
    place.innerHTML = html;
    for (const each of all("details", place)) each.open = open.includes(each.id);
    if (focused?.id) one(`#${CSS.escape(focused.id)}`, place)?.focus();
  };

  const apply = (found) => {
    if (!found || found.version < state.version || Date.parse(found.now) < Date.parse(state.now)) return;
    state = found;
    clock.set(state.now, state.zone);
    for (const [name, html] of Object.entries(state.parts)) swap(name, html);
    show();
  };

  const fetchState = async () => {
    if (document.hidden || queue.sending) return;
    try {
      const answered = await fetch(addresses.state, { redirect: "manual", credentials: "same-origin" });
      if (answered.ok) apply(await answered.json());
    } catch { /* the queue says that there is no connection */ }
  };

  // --- Hands ---

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const place = button?.closest("[data-field]");
    if (!place) return;
    const more = timed(place);
    if (button.dataset.value !== undefined) answer(place.dataset.field, button.dataset.value);
    if (button.dataset.now !== undefined) answer(place.dataset.field, "now");
    if (button.dataset.at !== undefined && more?.chosen_time) {
      answer(place.dataset.field, "at", more);
      button.closest("details").open = false;
    }
  });
  root.addEventListener("change", (event) => { if (event.target.matches("[data-single]")) typedSingly(event.target); });
  root.addEventListener("input", (event) => {
    if (event.target.matches("[data-number]")) compare(event.target);
    if (event.target.matches("[data-time]")) event.target.setCustomValidity("");
  });
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-set]")) {
      event.preventDefault();
      readings(form);
    } else if (form.matches("[data-explain]")) {
      event.preventDefault();
      const area = one("textarea", form);
      if (!area.value.trim()) return;
      for (const gate of form.dataset.explain.split(" ")) queue.add(gate, area.value.trim());
      area.value = "";
      form.closest("details").open = false;
      one("summary", form.closest("details")).focus();
    } else if (form.matches("[data-close]")) {
      form.elements.csrfmiddlewaretoken.value = token();
      if (!queue.waiting) return;
      event.preventDefault();
      one("[data-close-says]", form).textContent = `Found ${queue.waiting} waiting to be sent; allowed: when all are saved.`;
    }
  });
  one("[data-reopen]")?.addEventListener("click", (event) => {
    for (const set of all("fieldset[disabled]")) set.disabled = false;
    event.target.hidden = true;
  });
  addEventListener("beforeunload", (event) => { if (queue.waiting) event.preventDefault(); });

  shown = { ...state.parts };
  clock.set(state.now, state.zone);
  if (state.closed && !queue.waiting) queue.forget();
  document.documentElement.classList.add("sheet-ready");
  show();
  queue.send();
  setInterval(showClock, 1000);
  setInterval(fetchState, 15000);
})();
