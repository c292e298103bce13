// The recording's page: listen, drag borders, relabel, save; decide the reports that fall into it (AD-6).
import { breaks, bySecond, changed, clock, indexAt, LABELS, moved, overlaid, relabelled, seconds, split } from "./stretches.js";
import { chart, strip } from "./draw.js";

const by = (id) => document.getElementById(id), words = JSON.parse(by("texts").textContent);
const editor = document.querySelector(".editor"), sound = by("sound"), mayWrite = Boolean(editor.dataset.write);
const name = editor.dataset.name, path = name.split("/").map(encodeURIComponent).join("/");
let data, all = [], chosen = -1, view = { from: 0, to: 1 }, dirty = false;
const before = [];

const span = () => view.to - view.from;
const x = (s) => (s - view.from) / span() * by("row").clientWidth;

function change(next) {
  if (!mayWrite || next === all) return;
  before.push(all); all = next; dirty = true; by("said").textContent = words.unsaved; draw();
}

function look(from, to) {
  const length = Math.min(data.duration_s, Math.max(2, to - from));
  const start = Math.min(data.duration_s - length, Math.max(0, from));
  view = { from: start, to: start + length }; draw();
}
const zoom = (factor, at = sound.currentTime) => look(at - (at - view.from) * factor, at + (view.to - at) * factor);

function choose(i, seek = true) {
  if (i < 0 || i >= all.length) return;
  chosen = i;
  const e = all[i];
  if (seek) sound.currentTime = e.start_s;
  if (e.start_s < view.from || e.start_s > view.to) look(e.start_s - span() / 4, e.start_s + span() * 3 / 4); else draw();
}

function draw() {
  strip(by("whole"), all, data.duration_s, view, sound.currentTime);
  chart(by("chart"), data.verdicts, data.levels, view, words);
  by("save").disabled = !dirty;
  row(); details(); head();
}

function row() {
  const focused = document.activeElement?.dataset?.border, parts = [];
  all.forEach((e, i) => {
    if (e.end_s < view.from || e.start_s > view.to) return;
    const b = document.createElement("button");
    const left = Math.max(0, x(e.start_s)), right = Math.min(by("row").clientWidth, x(e.end_s));
    b.type = "button"; b.className = `stretch ${e.label}${e.checked ? " checked" : ""}`; b.dataset.stretch = i;
    b.style.left = `${left}px`; b.style.width = `${Math.max(1, right - left)}px`; b.tabIndex = -1;
    b.textContent = right - left > 24 ? (e.spot_id ?? words[e.label]) : "";
    b.title = `${words[e.label]} ${clock(e.start_s, 1)} – ${clock(e.end_s, 1)}${e.spot_id ? ` · ${e.spot_id}` : ""}`;
    b.setAttribute("aria-label", b.title); b.setAttribute("aria-pressed", String(i === chosen));
    b.onclick = (event) => { choose(i, false); sound.currentTime = view.from + (event.clientX - by("row").getBoundingClientRect().left) / by("row").clientWidth * span() || e.start_s; head(); };
    parts.push(b);
    if (mayWrite && i + 1 < all.length && e.end_s >= view.from && e.end_s <= view.to) parts.push(border(i));
  });
  by("row").replaceChildren(...parts);
  if (focused !== undefined) by("row").querySelector(`[data-border="${focused}"]`)?.focus();
}

function border(i) {
  const b = document.createElement("div");
  b.className = "border"; b.dataset.border = i; b.tabIndex = 0; b.style.left = `${x(all[i].end_s)}px`;
  b.setAttribute("role", "slider"); b.setAttribute("aria-label", words.border);
  b.setAttribute("aria-valuenow", all[i].end_s); b.setAttribute("aria-valuetext", clock(all[i].end_s, 1));
  b.setAttribute("aria-valuemin", all[i].start_s); b.setAttribute("aria-valuemax", all[i + 1].end_s);
  b.onpointerdown = (down) => {
    down.preventDefault(); down.stopPropagation();
    const start = all, box = by("row").getBoundingClientRect();
    const at = (event) => view.from + (event.clientX - box.left) / box.width * span();
    const follow = (event) => { all = moved(start, i, at(event)); draw(); };
    const end = () => {
      removeEventListener("pointermove", follow); removeEventListener("pointerup", end); removeEventListener("pointercancel", end);
      const next = all; all = start; if (next !== start) { sound.currentTime = next[i].end_s; change(next); }
    };
    addEventListener("pointermove", follow); addEventListener("pointerup", end); addEventListener("pointercancel", end);
  };
  b.onkeydown = (event) => {
    const by_ = { ArrowLeft: -.1, ArrowRight: .1 }[event.key];
    if (by_ === undefined) return;
    event.preventDefault(); event.stopPropagation(); change(moved(all, i, all[i].end_s + by_ * (event.shiftKey ? 10 : 1)));
  };
  return b;
}

function details() {
  const e = all[chosen];
  by("fields").hidden = !e || !mayWrite; by("chosen-text").textContent = e ? `${words[e.label]} · ${clock(e.start_s, 1)} – ${clock(e.end_s, 1)} · ${(e.end_s - e.start_s).toFixed(1)} s${e.checked ? ` · ${words.checked}` : ""}` : words.choose;
  if (e && !by("fields").contains(document.activeElement)) { by("start").value = clock(e.start_s, 2); by("end").value = clock(e.end_s, 2); by("spot").value = e.spot_id ?? ""; }
  by("breaks").replaceChildren(...breaks(all).map((found) => {
    const li = document.createElement("li"), a = document.createElement("a");
    a.href = "#"; a.textContent = `${clock(found.start_s)} – ${clock(found.end_s)}`; a.onclick = (event) => { event.preventDefault(); look(found.start_s - 10, found.end_s + 10); choose(indexAt(all, found.start_s)); };
    const spots = [...new Set(found.spots.map((s) => s.spot_id).filter(Boolean))].join(", ");
    li.append(a, ` · ${Math.round(found.end_s - found.start_s)} s${spots ? ` · ${spots}` : ""}`); return li;
  }));
}

function head() {
  by("head").style.left = `${x(sound.currentTime)}px`; by("head").hidden = sound.currentTime < view.from || sound.currentTime > view.to;
  by("time").textContent = clock(sound.currentTime, 1); by("play").textContent = sound.paused ? "▶" : "❚❚";
}

async function sent(address, body) {
  const reply = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!reply.ok) throw new Error((await reply.json()).message ?? reply.status);
  return reply.json();
}

async function save() {
  const checked = all.filter((e) => e.checked).map(({ start_s, end_s, label, spot_id }) => ({ start_s, end_s, label, spot_id: spot_id || null }));
  try { const done = await sent(`/detections/labels/${path}`, { segments: checked }); dirty = false; by("said").textContent = words.saved.replace("%", done.saved); draw(); } catch (error) { by("said").textContent = error.message; }
}

function reports() {
  by("reports").replaceChildren(...data.reports.map((each) => {
    const li = document.createElement("li"), acts = document.createElement("span"), at = (new Date(each.at) - new Date(data.started_at)) / 1000;
    const text = document.createElement("span"); text.textContent = `${clock(at)} · ${words[each.label]}${each.comment ? ` · ${each.comment}` : ""}`;
    const button = (word, act, quiet = true) => { const b = document.createElement("button"); b.type = "button"; b.textContent = word; b.className = quiet ? "quiet" : ""; b.onclick = act; acts.append(b); };
    const decide = (body) => sent(`/detections/decision/${each.id}`, body).then(() => { data.reports = data.reports.filter((r) => r !== each); reports(); }, (error) => { by("said").textContent = error.message; });
    button(words.listen, () => { choose(indexAt(all, at), false); sound.currentTime = Math.max(0, at - 3); look(at - 30, at + 30); sound.play().catch(() => {}); });
    button(words.accept_as, () => {
      const e = all[chosen] ?? all[indexAt(all, at)], time = (s) => new Date(new Date(data.started_at).getTime() + s * 1000).toISOString();
      decide({ decision: "accepted", label: each.label, start_at: time(e.start_s), end_at: time(e.end_s), spot_id: each.spot_id || e.spot_id || null });
    }, false);
    button(words.reject, () => decide({ decision: "rejected" }));
    acts.className = "acts"; li.append(text, acts); return li;
  }));
  if (!data.reports.length) { const li = document.createElement("li"); li.textContent = words.no_report; li.className = "muted"; by("reports").append(li); }
}

const act = (fields) => { if (chosen >= 0) change(changed(all, chosen, fields)); };
const label = (each) => { if (chosen >= 0) change(relabelled(all, chosen, each)); };
const undo = () => { if (before.length) { all = before.pop(); dirty = true; draw(); } };
const play = () => (sound.paused ? sound.play().catch(() => {}) : sound.pause());
const next = (by_) => choose(chosen < 0 ? Math.max(0, indexAt(all, sound.currentTime)) : chosen + by_);
const KEYS = { " ": play, Enter: () => act({}), n: () => next(1), p: () => next(-1), s: () => change(split(all, sound.currentTime)), u: undo, w: save, "+": () => zoom(.5), "-": () => zoom(2), 0: () => look(0, data.duration_s),
  1: () => label("ad"), 2: () => label("talk"), 3: () => label("music"), ArrowLeft: (e) => { sound.currentTime -= e.shiftKey ? 10 : 1; }, ArrowRight: (e) => { sound.currentTime += e.shiftKey ? 10 : 1; } };

function listen() {
  addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("button, a") && (event.key === " " || event.key === "Enter") && !event.target.matches(".stretch")) return;
    const todo = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    if (todo) { event.preventDefault(); todo(event); head(); }
  });
  by("play").onclick = play; by("zoom-in").onclick = () => zoom(.5); by("zoom-out").onclick = () => zoom(2); by("zoom-all").onclick = () => look(0, data.duration_s);
  by("relabel").onclick = (event) => { const to = event.target.closest("button")?.dataset.label; if (to) label(to); };
  by("confirm").onclick = () => act({}); by("split").onclick = () => change(split(all, sound.currentTime)); by("undo").onclick = undo; by("save").onclick = save;
  by("fields").onsubmit = (event) => {
    event.preventDefault();
    let to = all; const start = seconds(by("start").value), end = seconds(by("end").value);
    if (chosen > 0 && Number.isFinite(start) && Math.abs(start - all[chosen].start_s) > .005) to = moved(to, chosen - 1, start);
    if (chosen + 1 < all.length && Number.isFinite(end) && Math.abs(end - all[chosen].end_s) > .005) to = moved(to, chosen, end);
    change(changed(to, chosen, { spot_id: by("spot").value.trim() || null })); document.activeElement.blur(); draw();
  };
  by("chart").onclick = (event) => { sound.currentTime = view.from + event.offsetX / by("chart").clientWidth * span(); choose(indexAt(all, sound.currentTime), false); };
  by("chart").addEventListener("wheel", (event) => { event.preventDefault(); if (event.shiftKey || event.deltaX) look(view.from + span() * .1 * Math.sign(event.deltaY + event.deltaX), view.to + span() * .1 * Math.sign(event.deltaY + event.deltaX)); else zoom(event.deltaY > 0 ? 1.3 : .77, view.from + event.offsetX / by("chart").clientWidth * span()); }, { passive: false });
  by("whole").onclick = (event) => { const at = event.offsetX / by("whole").clientWidth * data.duration_s; sound.currentTime = at; look(at - span() / 2, at + span() / 2); };
  for (const each of ["timeupdate", "seeked", "play", "pause"]) sound.addEventListener(each, () => { if (!sound.paused && sound.currentTime > view.to) look(sound.currentTime, sound.currentTime + span()); strip(by("whole"), all, data.duration_s, view, sound.currentTime); head(); });
  addEventListener("resize", draw); matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  for (const each of document.querySelectorAll("#relabel button, #confirm, #split, #undo")) each.disabled = !mayWrite;
}

data = await (await fetch(`/detections/data/${path}`)).json();
data.verdicts = bySecond(data.verdicts, Date.parse(data.started_at));
all = overlaid(data.segments, data.said);
sound.src = `/detections/sound/${path}`;
view = { from: 0, to: Math.min(data.duration_s, 300) };
const wanted = Number(new URLSearchParams(location.search).get("at"));
if (wanted > 0) { sound.addEventListener("loadedmetadata", () => { sound.currentTime = wanted; }, { once: true }); view = { from: Math.max(0, wanted - 30), to: Math.min(data.duration_s, wanted + 30) }; chosen = indexAt(all, wanted); }
listen(); reports(); draw(); editor.dataset.ready = LABELS.length;
