// The player (AD-8): lower the volume of ads, switch to a second source and return, or skip them.
import { clock, indexAt, overlaid } from "./stretches.js";
import { strip } from "./draw.js";

const by = (id) => document.getElementById(id), words = JSON.parse(by("texts").textContent);
const sound = by("sound"), other = by("other"), BEHIND = 600;
let all = [], data = null, shifted = null, isAd = false, skipped = 0, ducked = 0, switched = 0;

const path = (name) => name.split("/").map(encodeURIComponent).join("/");
const start = (audio) => audio.play().catch(() => {}); // interrupted by a pause or a new source: nothing is wrong
const what = () => document.querySelector("[name=what]:checked").value;
const duration = () => sound.duration || data?.duration_s || 1;

async function open(name, at = 0) {
  data = await (await fetch(`/detections/data/${path(name)}`)).json();
  all = overlaid(data.segments, data.said);
  sound.src = `/detections/sound/${path(name)}`;
  sound.addEventListener("loadedmetadata", () => { if (at > 0) sound.currentTime = at; follow(); }, { once: true });
  by("play").disabled = false; leave();
}

/** The recording of a station that holds a moment, or else the first one after it, or else the newest. */
async function shift(station, moment) {
  const kept = (await (await fetch("/detections/kept")).json()).filter((e) => e.station === station).sort((a, b) => a.started_text < b.started_text ? -1 : 1);
  const end = (e) => Date.parse(e.started_text) + e.duration_s * 1000;
  const found = kept.find((e) => end(e) > moment + 500) ?? (shifted ? null : kept.at(-1));
  if (!found) return false;
  const isFirst = !shifted;
  shifted = { station, end: end(found) };
  await open(found.name, isFirst && end(found) <= moment ? 0 : Math.max(0, (moment - Date.parse(found.started_text)) / 1000));
  return true;
}

function enter() {
  isAd = true;
  if (what() === "lower") { ducked += 1; sound.volume = by("low").value / 100; }
  if (what() === "switch" && by("second").value) {
    switched += 1; sound.muted = true;
    const from = `/detections/sound/${path(by("second").value)}`;
    if (!other.src.endsWith(from)) other.src = from;
    if (!sound.paused) start(other);
  }
  tell();
}

function leave() { isAd = false; sound.volume = 1; sound.muted = false; other.pause(); tell(); }

/** Called all the time: where are we, and is there something to do? */
function follow() {
  const i = indexAt(all, sound.currentTime), here = all[i];
  if (here?.label === "ad" && what() === "skip") {
    let last = i;
    while (all[last + 1]?.label === "ad") last += 1;
    const end = all[last].end_s;
    skipped += end - sound.currentTime;
    if (isAd) leave();
    sound.currentTime = Math.min(end, duration()); tell();
  } else if (here?.label === "ad" && !isAd) enter(); else if (here && here.label !== "ad" && isAd) leave();
  by("now").textContent = here ? `${words[here.label]}${here.spot_id ? ` · ${here.spot_id}` : ""}` : "–"; by("now").dataset.label = here?.label ?? "";
  by("time").textContent = `${clock(sound.currentTime)} / ${clock(duration())}`;
  if (all.length) strip(by("whole"), all, duration(), null, sound.currentTime);
}

function tell() {
  const parts = [skipped && words.skipped.replace("%", Math.round(skipped)), ducked && words.lowered.replace("%", ducked), switched && words.switched.replace("%", switched)];
  by("done").textContent = parts.filter(Boolean).join(" · "); by("done").dataset.skipped = skipped.toFixed(1);
}

/** A file of one's own: heard by this machine's server, or by what `detect --json` printed; played from the browser. */
async function local(files) {
  const verdicts = files.find((f) => f.name.endsWith(".json")), audio = files.find((f) => f !== verdicts);
  if (!audio) { by("done").textContent = words.file_note; return; }
  by("play").disabled = true; sound.pause(); by("done").textContent = words.hearing;
  let answer;
  try {
    const read = verdicts ? JSON.parse(await verdicts.text()) : await heard(audio);
    answer = Array.isArray(read) ? read.find((e) => e.file.endsWith(audio.name)) ?? read[0] : read;
    all = overlaid(answer.segments, []);
  } catch (error) { by("done").textContent = verdicts ? words.bad_verdicts : error.message; return; }
  data = null; shifted = null; sound.src = URL.createObjectURL(audio); by("play").disabled = false; leave();
}

async function heard(file) {
  const reply = await fetch("/detections/hear", { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.message);
  return answer;
}

async function report(label) {
  if (!data) return;
  const at = new Date(Date.parse(data.started_at) + sound.currentTime * 1000).toISOString();
  const reply = await fetch("/api/v1/detections/reports", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ station: data.station, at, label }) });
  by("done").textContent = reply.ok ? words.reported : (await reply.json()).message;
}

const play = () => { if (by("play").disabled) return; if (sound.paused) { start(sound); if (isAd && what() === "switch" && by("second").value) start(other); } else { sound.pause(); other.pause(); } };
const move = (by_) => { sound.currentTime = Math.max(0, sound.currentTime + by_); };
by("source").onchange = () => { const to = by("source").value; shifted = null; if (to.startsWith("shift:")) shift(to.slice(6), Date.now() - BEHIND * 1000); else if (to) open(to); };
by("file").onchange = () => local([...by("file").files]);
by("play").onclick = play; by("back").onclick = () => move(-10); by("on").onclick = () => move(10);
by("whole").onclick = (event) => { sound.currentTime = event.offsetX / by("whole").clientWidth * duration(); };
by("report").onclick = (event) => { const label = event.target.closest("button")?.dataset.label; if (label) report(label); };
by("low").oninput = () => { if (isAd && what() === "lower") sound.volume = by("low").value / 100; };
for (const each of document.querySelectorAll("[name=what]")) each.onchange = () => { if (isAd) leave(); follow(); };
for (const each of ["timeupdate", "seeked", "play", "pause"]) sound.addEventListener(each, () => { by("play").textContent = `${sound.paused ? "▶" : "❚❚"} ${sound.paused ? words.play : words.pause}`; follow(); });
sound.addEventListener("ended", async () => { if (shifted && await shift(shifted.station, shifted.end)) start(sound); else other.pause(); });
setInterval(() => { if (!sound.paused) follow(); }, 50);
addEventListener("keydown", (event) => {
  if (event.target.matches("select, input[type=file], input[type=range]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const choice = document.querySelectorAll("[name=what]")[Number(event.key) - 1];
  if (choice) { choice.checked = true; choice.onchange(); } else if (event.key === " " && !event.target.matches("button")) play(); else if (event.key === "ArrowLeft" && !event.target.matches("input")) move(-10); else if (event.key === "ArrowRight" && !event.target.matches("input")) move(10); else return;
  event.preventDefault();
});
