// Plots of the start page, drawn from the data that the server put into the page.
"use strict";
const data = JSON.parse(document.getElementById("plots").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const classes = ["tv", "smartphone", "tablet", "desktop"];
const scale = { domain: classes, range: classes.map((name) => colour(`--${name}`)), legend: true, tickFormat: (name) => data.texts[name] };

function draw(id, make, rows, caption, empty) {
  const figure = document.getElementById(id);
  if (!rows.length) { figure.textContent = empty; return; }
  const plot = make(rows);
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", caption);
  const note = document.createElement("figcaption");
  note.textContent = caption;
  figure.replaceChildren(plot, note);
}

function render() {
  const width = Math.min(document.getElementById("volume").clientWidth || 900, 1100);
  const style = { background: "transparent", fontSize: "12px" };
  const volume = data.volume.map((row) => ({ ...row, day: new Date(row.day) }));
  draw("volume", (rows) => Plot.plot({
    width, height: 260, style, marginLeft: 55, color: scale,
    x: { label: null, interval: "day", tickFormat: d3.utcFormat("%d.%m.") }, y: { label: data.texts.hours, grid: true },
    marks: [Plot.barY(rows, { x: "day", y: "hours", fill: "device_class", tip: true }), Plot.ruleY([0])],
  }), volume, data.texts.volume_caption, data.texts.empty);
  const answers = data.answers.map((row) => ({ ...row, hour: new Date(row.hour) }));
  draw("answers", (rows) => Plot.plot({
    width, height: 200, style, marginLeft: 55, color: { legend: true, scheme: "Tableau10" },
    x: { label: null, type: "utc" }, y: { label: data.texts.answers, grid: true },
    marks: [Plot.rectY(rows, { x: "hour", interval: "hour", y: "count", fill: "kind", tip: true }), Plot.ruleY([0])],
  }), answers, data.texts.answers_caption, data.texts.empty);
}
render();
let timer;
addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(render, 150); });
