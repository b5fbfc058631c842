// The queue of a session sheet: what was entered is kept in memory and in this tab's own store until the server has said that
// it is kept or refused; it is sent in order, in batches, again and again. Each entry carries the id that was made with it, so
// that what arrives twice is kept once. No document here: `said` is called whenever something has changed.
"use strict";

class SheetQueue {
  static BATCH = 25;
  static WAITS_MS = [500, 1000, 2000, 4000, 8000, 15000];
  static ANSWER_WITHIN_MS = 20000;
  // Why nothing is being sent, where waiting alone does not help.
  static HELD = { 403: "forbidden", 404: "forbidden", 409: "somebody_else", 423: "locked" };

  // `name`: of the store's key; `address`: where to; `by`: who is entering; `token`: gives the CSRF token of now.
  constructor({ name, address, by, token, said, answered }) {
    Object.assign(this, { name, address, by, token, said, answered, trouble: "", tries: 0, sending: false, alone: false });
    const { entries, refused } = this.#stored();
    this.entries = entries;
    this.refused = refused;
    for (const sign of ["online", "focus"]) addEventListener(sign, () => this.send());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.send(); });
  }

  // How many wait; those of somebody who was signed in here before are not sent in another's name.
  get waiting() { return this.entries.length; }
  get anothers() { return this.entries.filter((entry) => entry.by !== this.by).length; }

  // Take an entry; what goes with it is `chosen_time`, `replaces`, `confirmed`, or another `measured_at` than now.
  add(field, value, more = {}) {
    const entry = {
      id: crypto.randomUUID(), field, value: String(value), measured_at: new Date().toISOString(),
      chosen_time: false, replaces: null, confirmed: false, by: this.by, ...more,
    };
    this.entries.push(entry);
    // Whoever answers again has seen why the last answer was not kept.
    this.refused = this.refused.filter((each) => each.field !== field);
    this.#store();
    this.tries = 0;
    this.said();
    // What one hand enters at once (the numbers of a reading) goes together.
    queueMicrotask(() => this.send());
    return entry;
  }

  // What was refused is so all the same: it goes once more, with the time at which it was measured.
  confirm(id) {
    const { entry } = this.refused.find((each) => each.id === id);
    this.add(entry.field, entry.value, { measured_at: entry.measured_at, chosen_time: entry.chosen_time, replaces: entry.replaces, confirmed: true });
  }

  // Send what waits, unless that is under way; safe to call at any time.
  async send() {
    const batch = this.#mine().slice(0, this.alone ? 1 : SheetQueue.BATCH);
    if (this.sending || !batch.length) return;
    clearTimeout(this.timer);
    this.sending = true;
    this.said();
    const again = await this.#attempt(batch);
    this.sending = false;
    this.said();
    if (this.#mine().length) this.timer = setTimeout(() => this.send(), again ? this.#pause() : 0);
  }

  // Forget everything: the sheet is signed and nothing waits.
  forget() {
    this.entries = [];
    this.refused = [];
    this.#store();
  }

  #mine() { return this.entries.filter((entry) => entry.by === this.by); }

  // One attempt; whether to pause before the next.
  async #attempt(batch) {
    let answer;
    try {
      answer = await fetch(this.address, {
        method: "POST", redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(SheetQueue.ANSWER_WITHIN_MS),
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token() },
        body: JSON.stringify({ sent_at: new Date().toISOString(), by: this.by, entries: batch }),
      });
      if (answer.ok) {
        this.#heard(await answer.json(), batch);
        return false;
      }
    } catch {
      this.trouble = "offline";
      return true;
    }
    if (answer.status === 400 || answer.status === 413) return this.#unreadable(batch);
    this.trouble = answer.type === "opaqueredirect" ? "signed_out" : SheetQueue.HELD[answer.status] || "offline";
    return true;
  }

  // The server has spoken of these: they wait no more. What it refused stays visible until somebody answers again.
  #heard(answer, batch) {
    const settled = new Set([...answer.kept, ...answer.refused.map((each) => each.id)]);
    this.entries = this.entries.filter((entry) => !settled.has(entry.id));
    const sent = new Map(batch.map((entry) => [entry.id, entry]));
    this.refused.push(...answer.refused.map((each) => ({ ...each, entry: sent.get(each.id) })));
    Object.assign(this, { trouble: "", tries: 0, alone: false });
    this.#store();
    this.answered(answer);
  }

  // One of them cannot be read at all: they are sent one by one, so that it alone is given back.
  #unreadable(batch) {
    if (batch.length > 1) {
      this.alone = true;
      return false;
    }
    const [{ id, field }] = batch;
    this.#heard({ kept: [], refused: [{ id, field, found: "an entry that cannot be read", allowed: "the value, typed once more", asks: false }] }, batch);
    return false;
  }

  #pause() {
    const least = SheetQueue.WAITS_MS[Math.min(this.tries, SheetQueue.WAITS_MS.length - 1)];
    this.tries += 1;
    return least * (1 + Math.random() / 2);
  }

  #stored() {
    try { return JSON.parse(sessionStorage.getItem(this.name)) || { entries: [], refused: [] }; } catch { return { entries: [], refused: [] }; }
  }

  #store() {
    const { entries, refused } = this;
    try {
      if (entries.length || refused.length) sessionStorage.setItem(this.name, JSON.stringify({ entries, refused }));
      else sessionStorage.removeItem(this.name);
    } catch { /* no store in this window: the memory holds them */ }
  }
}
