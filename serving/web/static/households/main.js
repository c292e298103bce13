// The households page: the stream feeds the city, the viewer sets the state, the painter draws when something changed.
import { Activity } from "./activity.js";
import { City } from "./city.js";
import { connect } from "./connection.js";
import { finder } from "./finder.js";
import { Motion } from "./motion.js";
import { CLOSE, NEAR, Painter } from "./paint.js";
import { detailOf, forget, make, showDetail } from "./panel.js";
import { Replay } from "./replay.js";
import { State } from "./state.js";
import { CLASSES, shapeSvg } from "./shapes.js";
import { View } from "./view.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const element = (id) => document.getElementById(id);
const canvas = element("city"), tip = element("tip");

export const city = new City();
export const state = new State(city, texts);
export const painter = new Painter(canvas, city, state);
export const view = new View(canvas, state, redraw);
export const motion = new Motion(city, redraw);
const replay = new Replay({ slider: element("time"), button: element("play"), output: element("time-text"), city, state, texts, onChanged: renew });

const activity = new Activity({ list: element("activity"), quiet: element("quiet"), rate: element("rate"), rateText: element("rate-text"), texts, colour: () => painter.colours.accent, onHousehold: (id) => { const household = city.households.get(id); if (household) choose(household); } });

// --- frames ---------------------------------------------------------------------------------------------------
let isAsked = false, isCountStale = true, countedAt = -Infinity;
export const frames = { count: 0 };
const COUNT_MS = 250;

/** Something that stands still looks otherwise now. */
export function renew() { painter.invalidate(); isCountStale = true; redraw(); }

export function redraw() { if (!isAsked) { isAsked = true; requestAnimationFrame(frame); } }

function frame(now) {
  isAsked = false;
  frames.count += 1;
  replay.step(now);
  motion.step(now);
  painter.draw(now, motion.households);
  settleWhatIsClose();
  if (isCountStale && now - countedAt > COUNT_MS) { isCountStale = false; countedAt = now; showCounts(); }
  if (motion.isMoving || painter.isAnimating() || replay.isPlaying || isCountStale) redraw();
}

/** How many there are, and of how many where filters or the time leave some out. */
function showCounts() {
  const number = new Intl.NumberFormat(texts.language), all = [...city.households.values()], shown = all.filter((one) => state.isShown(one));
  const living = all.reduce((sum, one) => sum + one.liveCount, 0);
  const devices = state.isFiltered ? shown.reduce((sum, one) => sum + one.devices.filter((item) => state.isDeviceShown(item)).length, 0) : living;
  const told = (count, of, words) => `${number.format(count)}${state.isFiltered && count < of ? ` / ${number.format(of)}` : ""} ${words}`;
  element("counts").textContent = `${told(state.isFiltered ? shown.length : all.length, all.length, texts.households_count)} · ${told(devices, living, texts.devices_count)}${city.isComplete ? "" : ` · ${texts.part}`}`;
}

/** Forces run where somebody looks, once; the rest stands as it was placed. */
function settleWhatIsClose() {
  const { k } = state.camera;
  const wanted = painter.seen.filter((one) => !one.isSettled && one.r * k >= CLOSE).slice(0, 20);
  if (wanted.length) motion.settle(wanted);
}

// --- the stream -----------------------------------------------------------------------------------------------
export const socket = connect({
  place: () => ({ seq: city.seq, epoch: city.epoch }),
  onState: (name) => say(name),
  onStatus({ is_live: isLive, published_at: at }) {
    say(isLive ? "live" : "standing");
    element("standing").hidden = isLive;
    if (!isLive && at) { element("last").hidden = false; element("last").textContent = `${texts.standing_since} ${new Intl.DateTimeFormat(texts.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at))}`; }
  },
  onSnapshot(snapshot) {
    const isFirst = city.seq < 0, chosen = state.chosen?.id;
    city.reset(snapshot);
    state.chosen = city.households.get(chosen) ?? null;
    state.pointed = state.pointedItem = null; state.marked = new Set();
    changed();
    if (isFirst) { painter.resize(); view.whole(true); openFromAddress(); }
  },
  onDelta(delta) {
    const households = city.apply(delta);
    const now = performance.now();
    if (households.length <= 60) motion.settle(households.filter((one) => one.r * state.camera.k >= NEAR || one.devices.some((item) => item.isMoving)));
    activity.take(delta);
    for (const [device] of delta.events ?? []) { const item = city.homeOf(device)?.devices.find((each) => each.id === device); if (item) painter.pulse(item, now); }
    if (delta.at) { element("last").hidden = false; element("last").textContent = `${texts.last_event} ${new Date(delta.at).toLocaleTimeString(texts.language)}`; }
    if (state.chosen && !city.households.has(state.chosen.id)) choose(null);
    else if (state.chosen && delta.changes?.length && households.includes(state.chosen)) { forget(state.chosen.id); if (!element("detail").contains(document.activeElement)) show(state.chosen); }
    changed();
  },
});

/** Live, a still picture, or not connected. */
function say(name) {
  element("status").textContent = texts[name];
  element("status").className = `chip ${name === "live" ? "good" : "warn"}`;
  if (name === "away") element("standing").hidden = true;
}

function changed() {
  state.changed();
  element("nothing").hidden = city.households.size > 0;
  if (element("as-list").open) showList();
  renew();
}

// --- choosing -------------------------------------------------------------------------------------------------
export function choose(household, device = null) {
  state.chosen = household;
  state.pointedItem = device && household ? (household.devices.find((item) => item.id === device) ?? null) : null;
  history.replaceState(null, "", household ? `#${household.id}` : location.pathname);
  if (household) { view.to(household); show(household); } else { element("detail").replaceChildren(make("p", { className: "muted" }, texts.choose)); }
  renew();
}

async function show(household) {
  const detail = await detailOf(household.id);
  if (state.chosen?.id !== household.id || !detail) return;
  if (city.supplement(household, detail)) motion.settle([household]);
  element("said").textContent = `${detail.id}: ${detail.why[texts.language]}`;
  showDetail(element("detail"), detail, {
    texts, colours: painter.colours,
    onHousehold: (id) => { const other = city.households.get(id); if (other) choose(other); },
    onContent: markViewers,
    onDevice: (key) => { state.pointedItem = key ? (state.chosen?.devices.find((item) => item.id === key) ?? null) : null; redraw(); },
  });
}

function markViewers(content) {
  const viewers = city.householdsViewing(content);
  state.marked = new Set(viewers);
  if (viewers.length) view.toAll(viewers);
  element("found-text").textContent = `${city.nodes.get(content)?.title ?? content}: ${viewers.length} ${texts.households_count}`;
  renew();
}

function found(node) {
  state.marked = new Set();
  element("found-text").textContent = "";
  if (!node) { renew(); return; }
  if (node.kind === "content") { choose(null); markViewers(node.id); return; }
  choose(node.kind === "device" ? city.homeOf(node.id) : city.households.get(node.id), node.kind === "device" ? node.id : null);
}

function openFromAddress() { const household = city.households.get(location.hash.slice(1)); if (household) choose(household); }

function nearest(x, y, most) {
  let best = null, least = most;
  for (const one of painter.seen ?? []) {
    const distance = Math.hypot(one.x - x, one.y - y) - one.r;
    if (distance < least) { least = distance; best = one; }
  }
  return best;
}

// --- pointing -------------------------------------------------------------------------------------------------
let asked = 0;

function point(event) {
  const box = canvas.getBoundingClientRect(), left = event.clientX - box.left, top = event.clientY - box.top;
  const [x, y] = view.at(left, top), { k } = state.camera;
  const household = nearest(x, y, 4 / k), item = household && household.r * k >= NEAR ? itemAt(household, x, y) : null;
  if (household === state.pointed && item === state.pointedItem) { placeTip(left, top); return; }
  state.pointed = household; state.pointedItem = item;
  canvas.style.cursor = household ? "pointer" : "grab";
  tell(household, item, left, top);
  redraw();
}

function itemAt(household, x, y) {
  const items = household.r * state.camera.k >= CLOSE ? [...household.devices, ...household.addresses, ...household.contents] : household.devices;
  let best = null, least = 0.16 * household.r;
  for (const each of items) {
    if (each.kind === "device" && !state.isDeviceShown(each)) continue;
    const distance = Math.hypot(each.x - x, each.y - y);
    if (distance < least) { least = distance; best = each; }
  }
  return best;
}

async function tell(household, item, left, top) {
  tip.hidden = !household;
  if (!household) return;
  const mine = ++asked;
  tip.replaceChildren(make("strong", {}, nameOf(item) ?? household.id));
  placeTip(left, top);
  await new Promise((resolve) => setTimeout(resolve, 120)); // no request for what the pointer only passes
  if (mine !== asked) return;
  const detail = await detailOf(household.id);
  if (mine !== asked || !detail) return;
  const device = item?.kind === "device" ? detail.devices.find((each) => each.device_key === item.id) : null;
  tip.append(make("div", {}, device ? device.why[texts.language] : item ? texts[`about_${item.kind}`] : detail.why[texts.language]));
  placeTip(left, top);
}

const nameOf = (item) => item && (item.kind === "device" ? `${texts[item.node.device_class ?? "unknown"]} ${item.id.slice(0, 10)}` : (item.node.title ?? item.id));

function placeTip(left, top) {
  const isRight = left > canvas.clientWidth / 2, isLow = top > canvas.clientHeight / 2;
  Object.assign(tip.style, { left: isRight ? "auto" : `${left + 14}px`, right: isRight ? `${canvas.clientWidth - left + 14}px` : "auto", top: isLow ? "auto" : `${top + 14}px`, bottom: isLow ? `${canvas.clientHeight - top + 14}px` : "auto" });
}

canvas.addEventListener("pointermove", point);
canvas.addEventListener("pointerleave", () => { state.pointed = state.pointedItem = null; asked += 1; tip.hidden = true; redraw(); });
canvas.addEventListener("click", (event) => {
  point(event);
  if (state.pointedItem?.kind === "content") markViewers(state.pointedItem.id);
  else if (state.pointed) choose(state.pointed);
});

// --- keyboard -------------------------------------------------------------------------------------------------
const KEYS = {
  ArrowLeft: () => view.pan(1, 0), ArrowRight: () => view.pan(-1, 0), ArrowUp: () => view.pan(0, 1), ArrowDown: () => view.pan(0, -1),
  "+": () => view.by(1.6), "=": () => view.by(1.6), "-": () => view.by(1 / 1.6), 0: () => view.whole(), " ": () => replay.toggle(),
  Enter: () => { const [x, y] = view.at(canvas.clientWidth / 2, canvas.clientHeight / 2), one = nearest(x, y, Infinity); if (one) choose(one); },
  Escape: () => { state.marked = new Set(); choose(null); view.whole(); },
};
canvas.addEventListener("keydown", (event) => {
  const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
  if (action) { event.preventDefault(); action(); }
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key === "/" && !isTyping) { event.preventDefault(); element("search").focus(); }
  else if (["+", "-", "0", "Escape"].includes(event.key) && !isTyping && event.target !== canvas && !event.ctrlKey && !event.metaKey) KEYS[event.key]();
});

// --- controls -------------------------------------------------------------------------------------------------
finder({ input: element("search"), list: element("search-list"), city, texts, onChosen: found });
element("device-class").addEventListener("change", (event) => { state.deviceClass = event.target.value; changed(); });
element("window").addEventListener("change", (event) => { state.windowDays = Number(event.target.value); changed(); });
element("strength").addEventListener("input", (event) => { state.minWeight = Number(event.target.value) / 100; element("strength-text").textContent = `≥ ${event.target.value} %`; changed(); });
for (const [id, action] of [["zoom-in", () => view.by(1.6)], ["zoom-out", () => view.by(1 / 1.6)], ["zoom-all", () => view.whole()]]) element(id).addEventListener("click", action);

const LIST_ROWS = 50;
let listRows = LIST_ROWS, listed = "";
element("as-list").addEventListener("toggle", () => { if (element("as-list").open) showList(); });

/** What the picture shows, as a list: largest households first. Made anew only if it reads otherwise, so that focus stays. */
function showList() {
  const shown = [...city.households.values()].filter((one) => state.isShown(one) && !state.isDimmed(one)).sort((a, b) => b.liveCount - a.liveCount || (a.id < b.id ? -1 : 1));
  const rows = shown.slice(0, listRows).map((one) => [one, `${one.liveCount} ${texts.devices_count}, ${city.linksOf(one.id, "linked").length} ${texts.links_count}`]);
  const reading = JSON.stringify([shown.length, rows.map(([one, words]) => [one.id, words])]);
  if (reading === listed) return;
  listed = reading;
  const items = rows.map(([one, words]) => {
    const button = make("button", { type: "button", className: "line" }, make("code", {}, one.id), make("span", { className: "muted" }, words));
    button.addEventListener("click", () => choose(one));
    return make("li", {}, button);
  });
  if (shown.length > listRows) {
    const more = make("button", { type: "button", className: "plain" }, `${texts.more} (${shown.length - listRows})`);
    more.addEventListener("click", () => { const first = listRows; listRows += 200; showList(); element("list").children[first]?.firstChild.focus(); });
    items.push(make("li", {}, more));
  }
  element("list").replaceChildren(...items);
}

function showLegend() {
  for (const each of CLASSES.slice(0, 4)) element(`legend-${each}`).innerHTML = shapeSvg(each, painter.colours[each]);
}

new ResizeObserver(() => {
  const { x, y, k } = state.camera, middle = [(canvas.clientWidth - (painter.width ?? canvas.clientWidth)) / 2, (canvas.clientHeight - (painter.height ?? canvas.clientHeight)) / 2];
  painter.resize();
  view.selection.call(view.zoom.transform, d3.zoomIdentity.translate(x + middle[0], y + middle[1]).scale(k));
}).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { painter.readColours(); showLegend(); renew(); });
painter.resize();
showLegend();
