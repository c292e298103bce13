// Plots of the campaigns' pages, drawn from the data that the server put into the page.
"use strict";
const data = JSON.parse(document.getElementById("plots").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw(id, make, rows, caption) {
  const figure = document.getElementById(id);
  if (!rows.length) { figure.textContent = data.texts.empty; return; }
  const width = Math.min(figure.clientWidth || 900, 1000);
  const plot = make(rows, { width, style: { background: "transparent", fontSize: "12px" } });
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", `${caption} ${rows.map((row) => Object.values(row).join(" ")).join("; ")}`);
  const note = document.createElement("figcaption");
  note.textContent = caption;
  figure.replaceChildren(plot, note);
}

function render() {
  const classes = data.classes.map((row) => ({ ...row, name: data.texts[row.device_class] }));
  draw("classes", (rows, frame) => Plot.plot({
    ...frame, height: 200, marginLeft: 95, marginBottom: 42, x: { label: data.texts.ads_placed, grid: true }, y: { label: null, domain: rows.map((row) => row.name) },
    marks: [
      Plot.barX(rows, { y: "name", x: "placed", fill: (row) => colour(`--${row.device_class}`), tip: true }),
      Plot.tickX(rows.filter((row) => row.planned !== null), { y: "name", x: "planned", stroke: colour("--ink"), strokeWidth: 3, title: (row) => `${data.texts.ads_planned}: ${Math.round(row.planned)}` }),
      Plot.ruleX([0]),
    ],
  }), classes, data.texts.ads_plot_classes);
  draw("frequency", (rows, frame) => Plot.plot({
    ...frame, height: 230, marginLeft: 60, marginBottom: 42, x: { label: data.texts.ads_plays_a_day, domain: rows.map((row) => row.plays), tickFormat: (plays) => (plays === "10" ? "10+" : plays) },
    y: { label: data.texts.ads_households, grid: true },
    marks: [Plot.barY(rows, { x: "plays", y: "households", fill: colour("--accent"), tip: true }), Plot.ruleY([0])],
  }), data.frequency, data.texts.ads_plot_frequency);
}
render();
let timer;
addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(render, 150); });
