// Canvases: the three-position line over time (ad, talk, music), the sound's level, the strip of a whole recording.
import { LABELS, clock } from "./stretches.js";

export function colours() {
  const of = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return { ad: of("--smartphone"), talk: of("--tablet"), music: of("--tv"), line: of("--line"), ink: of("--ink"), muted: of("--muted"), accent: of("--accent") };
}

export function fitted(canvas) {
  const box = canvas.getBoundingClientRect(), scale = window.devicePixelRatio || 1;
  const width = Math.round(box.width * scale), height = Math.round(box.height * scale);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const to = canvas.getContext("2d");
  to.setTransform(scale, 0, 0, scale, 0, 0);
  to.clearRect(0, 0, box.width, box.height);
  return { to, width: box.width, height: box.height };
}

export function strip(canvas, all, duration, view, at) {
  const { to, width, height } = fitted(canvas), c = colours(), x = (s) => s / duration * width;
  for (const e of all) {
    to.fillStyle = c[e.label];
    to.globalAlpha = e.label === "ad" ? 1 : .55;
    to.fillRect(x(e.start_s), 4, Math.max(.6, x(e.end_s) - x(e.start_s)), height - 8);
  }
  to.globalAlpha = 1;
  to.strokeStyle = c.ink; to.lineWidth = 2;
  if (view) to.strokeRect(x(view.from) + 1, 1, Math.max(3, x(view.to) - x(view.from) - 2), height - 2);
  to.fillStyle = c.ink; to.fillRect(x(at) - 1, 0, 2, height);
}

/** The seed's picture: a line that is at ad, talk or music; behind it how sure the net was; below the level. */
export function chart(canvas, verdicts, levels, view, words, named = clock) {
  const { to, width, height } = fitted(canvas), c = colours(), x = (s) => (s - view.from) / (view.to - view.from) * width;
  const top = 22, lane = (height * .56 - top) / 2, y = (label) => top + LABELS.indexOf(label) * lane;
  const base = height - 20, roof = height * .66;
  axis(to, view, x, width, height, c, named);
  to.font = "12px system-ui, sans-serif"; to.textBaseline = "bottom";
  for (const label of LABELS) {
    to.strokeStyle = c.line; to.lineWidth = 1; to.beginPath(); to.moveTo(0, y(label)); to.lineTo(width, y(label)); to.stroke();
  }
  const first = Math.max(0, Math.floor(view.from)), last = Math.min(verdicts.length, Math.ceil(view.to));
  for (const label of LABELS) {
    to.fillStyle = c[label]; to.globalAlpha = .22;
    for (let n = first; n < last; n += 1) {
      const share = verdicts[n]?.probabilities?.[label] ?? 0, tall = share * lane * .8;
      to.fillRect(x(n), y(label) - tall / 2, Math.max(.7, x(n + 1) - x(n)), tall);
    }
  }
  to.globalAlpha = 1; to.lineWidth = 2.5; to.lineJoin = "round";
  for (let n = first; n < last; n += 1) {
    if (!verdicts[n]) continue;
    to.strokeStyle = c[verdicts[n].label]; to.beginPath();
    if (n > first && verdicts[n - 1]) to.moveTo(x(n), y(verdicts[n - 1].label)); else to.moveTo(x(n), y(verdicts[n].label));
    to.lineTo(x(n), y(verdicts[n].label)); to.lineTo(x(n + 1), y(verdicts[n].label)); to.stroke();
  }
  const db = levels ? levels.db : Array.from(verdicts, (v) => v?.level_db ?? -96), rate = levels ? levels.per_second : 1;
  to.fillStyle = c.muted; to.globalAlpha = .55;
  const step = Math.max(1, Math.floor((view.to - view.from) * rate / width));
  for (let n = Math.max(0, Math.floor(view.from * rate)); n < Math.min(db.length, view.to * rate); n += step) {
    const loud = Math.max(...db.slice(n, n + step)), tall = Math.max(0, Math.min(1, (loud + 60) / 60)) * (base - roof);
    to.fillRect(x(n / rate), base - tall, Math.max(.8, x((n + step) / rate) - x(n / rate)), tall);
  }
  to.globalAlpha = 1; to.fillStyle = c.ink;
  for (const label of LABELS) to.fillText(words[label], 4, y(label) - 2);
  to.fillStyle = c.muted; to.fillText(words.level, 4, roof + 2);
}

function axis(to, view, x, width, height, c, named) {
  const wish = (view.to - view.from) / Math.max(2, width / 90);
  const step = [.1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((s) => s >= wish) ?? 7200;
  to.font = "11px system-ui, sans-serif"; to.textBaseline = "bottom"; to.fillStyle = c.muted; to.strokeStyle = c.line; to.lineWidth = 1;
  for (let s = Math.ceil(view.from / step) * step; s < view.to; s += step) {
    to.beginPath(); to.moveTo(x(s), 8); to.lineTo(x(s), height - 18); to.stroke();
    to.fillText(named(s, step < 1 ? 1 : 0), x(s) + 2, height - 2);
  }
}
