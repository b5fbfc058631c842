// Draws the chart, and every small picture: in the theme of the reader, in light on paper. No eval: expressions are interpreted.
(() => {
  const box = document.getElementById("chart"), inside = document.getElementById("specs"), small = document.getElementById("panels");
  const tip = document.getElementById("tip") || document.body.appendChild(Object.assign(document.createElement("div"), { id: "tip", className: "tip", hidden: true }));
  let specs = inside && JSON.parse(inside.textContent);
  const panels = small ? JSON.parse(small.textContent) : {};
  const charts = [...document.querySelectorAll("[data-panel]")].map((place) => ({ place, specs: panels[place.dataset.panel] }));
  const dark = matchMedia("(prefers-color-scheme: dark)"), paper = matchMedia("print");
  const show = (_, event, __, value) => {
    tip.hidden = value == null || value === "";
    if (tip.hidden) return;
    tip.replaceChildren(...Object.entries(value).map(([key, text]) => {
      const line = document.createElement("div"), name = document.createElement("b");
      name.textContent = key + ": ";
      line.append(name, String(text));
      return line;
    }));
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(8, left) + "px";
    tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8) + "px";
  };
  const drawn = (chart) => {
    if (chart.view) chart.view.finalize();
    const spec = chart.specs[dark.matches && !paper.matches ? "dark" : "light"];
    chart.view = new vega.View(vega.parse(spec, null, { ast: true }), {
      expr: vega.expressionInterpreter, renderer: "svg", container: chart.place, hover: true, tooltip: show,
    });
    return chart.view.runAsync();
  };
  const draw = () => Promise.all(charts.filter((chart) => chart.specs).map(drawn)).then(() => { document.documentElement.dataset.chart = "drawn"; });
  dark.addEventListener("change", draw);
  paper.addEventListener("change", draw);
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", open);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
  open();
  if (box) charts.push({ place: box, get specs() { return specs; } });
  if (specs || small) draw();
  // Where a page does not hold its chart, it says where the chart is.
  if (box && !specs) fetch(box.dataset.specs, { credentials: "same-origin" }).then((answer) => {
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }).then((found) => { specs = found; draw(); }).catch(() => {
    box.textContent = "The chart could not be drawn; the table of ratings below holds the same.";
  });
})();
