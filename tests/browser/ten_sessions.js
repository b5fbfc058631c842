// Works through one session sheet as a busy hand does. What it made, and what the server refused, stands in this context's own
// localStorage, so that a reload goes on where it was: {at, made: [{id, field, value}], refused: [id]}.
async () => {
  const kept = JSON.parse(localStorage.getItem("trial") || '{"at":0,"made":[],"refused":[]}');
  const keep = () => localStorage.setItem("trial", JSON.stringify(kept));
  const one = (selector, within = document) => within.querySelector(selector);
  const pause = (most) => new Promise((done) => setTimeout(done, Math.random() * most));
  const add = SheetQueue.prototype.add;
  SheetQueue.prototype.add = function (...said) {
    const { id, field, value } = add.apply(this, said);
    kept.made.push({ id, field, value });
    keep();
  };
  const fetched = window.fetch;
  window.fetch = async (address, asked) => {
    const answer = await fetched(address, asked);
    if (answer.ok && asked?.method === "POST") kept.refused.push(...(await answer.clone().json()).refused.map((each) => each.id));
    keep();
    return answer;
  };
  const tap = (section, field, value) => () => one(`#${section} [data-field="${field}"] button[data-value="${value}"]`).click();
  const type = (section, field, value) => () => {
    const input = one(`#${section} [data-field="${field}"] [data-single]`);
    input.value = value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const read = (section, numbers) => () => {
    const form = one(`#${section} form[data-set]`);
    for (const [name, value] of Object.entries(numbers)) form.elements[name].value = value;
    form.requestSubmit();
  };
  const explain = () => {
    const form = one("#before .explain.all form");
    one("textarea", form).value = "Talked through before this trial.";
    form.requestSubmit();
  };
  const quiet = { contraindications_checked: "yes", medicines_reviewed: "yes", alcohol_today: "no", sedative_today: "no", elevated_mood: "no", psychotic_symptoms: "no", intoxication: "no", confusion: "no", suicidality_asked: "yes", escort_arranged: "yes" };
  const seen = ["dissociation", "sedation", "pressure_symptoms", "red_flag_symptoms", "respiratory_depression", "nausea", "headache"];
  const steps = [
    ...Object.entries(quiet).map(([field, value]) => tap("before", field, value)),
    read("before", { systolic: "122", diastolic: "78", heart_rate: "70", oxygen_saturation: "98" }),
    explain, type("dose", "weight", "70"), tap("dose", "treatment", "ketamine"), tap("dose", "route", "intravenous"),
    type("dose", "dose", "35"), type("dose", "lot", "K-1"), type("dose", "lot", "K-12"), type("dose", "monitored_by", "Nurse"),
    () => one('#dose [data-field="started_at"] [data-now]').click(),
    ...Array.from({ length: 8 }, (_, round) => [
      read("during", { systolic: String(124 + round), diastolic: String(80 - round), heart_rate: String(72 + round), oxygen_saturation: "97" }),
      tap("during", "moaas", String(round % 2 ? 4 : 5)), tap("during", seen[round % seen.length], "no"),
    ]).flat(),
  ];
  while (kept.at < steps.length) {
    steps[kept.at]();
    kept.at += 1;
    keep();
    await pause(500);
  }
  document.documentElement.classList.add("trial-over");
}
