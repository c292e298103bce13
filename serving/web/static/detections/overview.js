// /detections: stations live over Server-Sent Events, and the reports that wait.
import { chart } from "./draw.js";
import { bySecond, clock } from "./stretches.js";

const by = (id) => document.getElementById(id), words = JSON.parse(by("texts").textContent);
const SHOWN = 600;
const STALE = 60_000; // longer than any look-ahead, or a stream that comes back at once

/** A station's last ten minutes, to its newest verdict: where it is not followed any more, the chip says since when. */
async function station({ station, newest }) {
  const line = document.createElement("div"), side = document.createElement("div"), now = document.createElement("span"), canvas = document.createElement("canvas");
  line.className = "station-line"; now.className = "chip"; side.innerHTML = "<strong></strong><br>"; side.firstChild.textContent = station; side.append(now); line.append(side, canvas);
  by("stations").append(line);
  const end = Date.parse(newest.at) + 1000, from = new Date(end - SHOWN * 1000).toISOString(), to = new Date(end).toISOString();
  const reply = await fetch(`/api/v1/detections/verdicts/${station}?from=${from}&to=${to}`);
  let lines = reply.ok ? await reply.json() : [];
  const draw = () => {
    const last = lines.at(-1), start = last ? Date.parse(last.at) - (SHOWN - 1) * 1000 : 0;
    lines = lines.filter((each) => Date.parse(each.at) >= start);
    const old = last && Date.now() - Date.parse(last.at) > STALE;
    now.textContent = !last ? "–" : old ? words.last.replace("{at}", last.at.slice(0, 10) === new Date().toISOString().slice(0, 10) ? last.at.slice(11, 16) : last.at.slice(0, 10)) : `${words[last.label]}${last.spot_id ? ` · ${last.spot_id}` : ""}`;
    now.dataset.label = last && !old ? last.label : "";
    chart(canvas, bySecond(lines, start), null, { from: 0, to: SHOWN }, words, (s) => `−${clock(SHOWN - s)}`);
  };
  draw(); addEventListener("resize", draw); setInterval(draw, STALE / 4);
  const since = lines.at(-1)?.at;
  const source = new EventSource(`/api/v1/detections/stream/${station}${since ? `?from=${encodeURIComponent(since)}` : ""}`);
  source.addEventListener("verdict", (event) => { const verdict = JSON.parse(event.data); if (verdict.at > (lines.at(-1)?.at ?? "")) { lines.push(verdict); draw(); } });
  addEventListener("pagehide", () => source.close());
}

async function decide(row, decision) {
  const reply = await fetch(`/detections/decision/${row.dataset.report}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ decision }) });
  if (reply.ok) row.remove(); else row.append((await reply.json()).message);
}

const kept = await (await fetch("/detections/kept")).json();
for (const row of document.querySelectorAll("[data-report]")) {
  const at = new Date(row.dataset.at).getTime();
  const holds = kept.find((each) => each.station === row.dataset.station && Date.parse(each.started_text) <= at && at < Date.parse(each.started_text) + each.duration_s * 1000);
  if (holds) { const a = row.querySelector(".listen"); a.hidden = false; a.href = `/detections/recording?name=${encodeURIComponent(holds.name)}&at=${(at - Date.parse(holds.started_text)) / 1000}`; }
  row.querySelector(".reject").onclick = () => decide(row, "rejected");
  const accept = row.querySelector(".accept"); if (accept) accept.onclick = () => decide(row, "accepted");
}
const reply = await fetch("/api/v1/detections/stations");
const stations = reply.ok ? await reply.json() : [];
if (stations.length) by("stations").replaceChildren();
for (const each of stations.slice(0, 12)) station(each);
