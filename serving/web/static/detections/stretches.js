// Stretches of a recording as a person corrects them: plain data in, plain data out.
export const LABELS = ["ad", "talk", "music"];
const SHORTEST = 0.2;
const round = (s) => Math.round(s * 100) / 100;

/** What was heard, with what a person said laid over it; `checked` marks the latter. */
export function overlaid(heard, said) {
  let all = heard.map((e) => ({ ...e, checked: false }));
  for (const each of said) {
    all = all.flatMap((e) => {
      if (e.end_s <= each.start_s || e.start_s >= each.end_s) return [e];
      return [{ ...e, end_s: each.start_s }, { ...e, start_s: each.end_s }].filter((p) => p.end_s - p.start_s > 0.01);
    });
    all.push({ ...each, checked: true });
  }
  return all.sort((a, b) => a.start_s - b.start_s);
}

/** Move the border between stretch `i` and the next; both count as heard. */
export function moved(all, i, at) {
  const low = all[i].start_s + SHORTEST, high = all[i + 1].end_s - SHORTEST;
  const to = round(Math.min(high, Math.max(low, at)));
  return all.map((e, n) => n === i ? { ...e, end_s: to, checked: true } : n === i + 1 ? { ...e, start_s: to, checked: true } : e);
}

export const changed = (all, i, fields) => all.map((e, n) => n === i ? { ...e, ...fields, checked: true } : e);

export function relabelled(all, i, label) {
  return changed(all, i, { label, spot_id: label === all[i].label ? all[i].spot_id : null });
}

export function split(all, at) {
  const i = indexAt(all, at);
  const e = all[i];
  if (!e || at - e.start_s < SHORTEST || e.end_s - at < SHORTEST) return all;
  const to = round(at);
  return [...all.slice(0, i), { ...e, end_s: to }, { ...e, start_s: to }, ...all.slice(i + 1)];
}

export const indexAt = (all, at) => all.findIndex((e) => e.start_s <= at && at < e.end_s);

/** Ads in a row are one break. */
export function breaks(all) {
  const found = [];
  all.forEach((e, n) => {
    if (e.label !== "ad") return;
    const last = found.at(-1);
    if (last && n && all[n - 1].label === "ad") { last.end_s = e.end_s; last.spots.push(e); } else found.push({ start_s: e.start_s, end_s: e.end_s, spots: [e] });
  });
  return found;
}

/** Verdicts by second from a time (ms) on; a second that was not heard stays empty. */
export function bySecond(lines, startMs) {
  const placed = [];
  for (const line of lines) { const n = Math.round((Date.parse(line.at) - startMs) / 1000); if (n >= 0) placed[n] = line; }
  return placed;
}

export function clock(s, digits = 0) {
  const whole = Math.max(0, s), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
  const rest = (Math.floor((whole % 60) * 10 ** digits) / 10 ** digits).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${rest}` : `${m}:${rest}`;
}

/** Seconds from "12:34.5" or "754.5"; NaN where it is none. */
export const seconds = (text) => text.trim().replace(",", ".").split(":").reduce((sum, part) => sum * 60 + (part === "" ? NaN : Number(part)), 0);
