// The try-out: asks the public API, just as the media library does, and says why each answer is as it is.
import { combobox } from "/static/combobox.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const element = (id) => document.getElementById(id);
const state = { current: null, history: [] };

function make(tag, className, ...content) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...content);
  return node;
}

async function search(query, kind = "video") {
  const reply = await fetch(`/catalogue/search?${new URLSearchParams({ query, kind, language: texts.language })}`);
  return reply.ok ? reply.json() : [];
}

function choose(video) {
  state.current = video;
  element("chosen").replaceChildren(make("strong", "", video.title), ` · ${video.about}`);
  ask();
}

function addToHistory(video) {
  state.history = state.history.filter((seen) => seen.content_id !== video.content_id);
  state.history.push({ ...video, watched_s: 1200, at: new Date().toISOString() });
  showHistory();
  ask();
}

function showHistory() {
  element("history").replaceChildren(...state.history.map((video) => {
    const remove = make("button", "plain", "×");
    remove.type = "button";
    remove.setAttribute("aria-label", `${texts.remove}: ${video.title}`);
    remove.addEventListener("click", () => { state.history = state.history.filter((seen) => seen !== video); showHistory(); ask(); });
    return make("li", "", make("span", "", video.title), remove);
  }));
}

function request() {
  const views = state.history.map(({ content_id, watched_s, at }) => ({ content_id, watched_s, at }));
  return {
    current: state.current.content_id, device_class: element("device").value, unit: element("unit").value.trim() || null, limit: 10,
    history: views.length ? { views, clicks: [], bookmarks: [] } : null,
  };
}

async function ask() {
  if (!state.current) { element("answer").replaceChildren(make("p", "muted", texts.nothing_chosen)); return; }
  element("answer").classList.add("loading");
  const started = performance.now();
  try {
    const reply = await fetch("/api/v1/next-video?explain=true", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request()),
    });
    const answer = await reply.json();
    element("raw").textContent = JSON.stringify(answer, null, 2);
    if (!reply.ok) { fail(JSON.stringify(answer.detail ?? answer)); return; }
    await show(answer, performance.now() - started, reply.headers.get("x-decision-id"));
  } catch (error) {
    fail(String(error));
  } finally {
    element("answer").classList.remove("loading");
  }
}

function fail(message) {
  element("answer").replaceChildren(make("p", "notice bad", `${texts.failed} ${message}`));
  element("dropped").replaceChildren();
}

async function show(answer, milliseconds, decision) {
  const known = await describe([...answer.items.map((item) => item.content_id), ...examples(answer.dropped ?? [])]);
  const model = answer.model ? `${answer.model.name} ${answer.model.version}` : texts.no_model;
  const arm = answer.experiment ? ` · ${texts.arm} ${answer.experiment.name} / ${answer.experiment.arm}` : "";
  const head = make("p", "small muted", `${texts.cases[answer.case]} · ${model}${arm} · ${Math.round(milliseconds)} ms · `);
  const link = make("a", "", texts.decisions);
  link.href = `/decisions?id=${encodeURIComponent(decision)}`;
  head.append(link);
  const top = Math.max(...answer.items.map((item) => item.score), 1e-9);
  const body = answer.case === "hidden"
    ? [make("p", "notice warn", make("strong", "", `${answer.reason}: `), texts.rules[answer.reason] ?? "")]
    : answer.items.map((item, index) => row(item, index, known[item.content_id], top));
  element("answer").replaceChildren(head, ...body);
  showDropped(answer.dropped ?? [], known);
}

function row(item, index, video, top) {
  const bar = make("div", "bar", make("i", ""));
  bar.firstChild.style.width = `${Math.max(3, (100 * item.score) / top)}%`;
  bar.title = `${texts.score} ${item.score.toFixed(4)}`;
  const title = make("button", "plain title", video?.title ?? item.content_id);
  title.type = "button";
  title.title = texts.watch_on;
  title.addEventListener("click", () => { addToHistory(state.current); choose(video ?? { content_id: item.content_id, title: item.content_id, about: "" }); });
  const why = make("div", "why", make("span", "chip accent", texts.sources[item.source]), ` ${video?.about ?? ""}`);
  if (item.why) why.append(make("p", "because", item.why[texts.language]));
  return make("div", "video", make("div", "rank", String(index + 1)), make("div", "", title), bar, why);
}

const grouped = (dropped) => Map.groupBy ? Map.groupBy(dropped, (entry) => entry.rule)
  : dropped.reduce((groups, entry) => groups.set(entry.rule, [...(groups.get(entry.rule) ?? []), entry]), new Map());
const examples = (dropped) => [...grouped(dropped).values()].flatMap((entries) => entries.slice(0, 5).map((entry) => entry.content_id));

function showDropped(dropped, known) {
  if (!dropped.length) { element("dropped").replaceChildren(make("p", "muted", texts.none_dropped)); return; }
  const groups = [...grouped(dropped)].sort((left, right) => right[1].length - left[1].length);
  const most = groups[0][1].length;
  element("dropped").replaceChildren(...groups.map(([rule, entries]) => {
    const bar = make("i", "");
    bar.style.width = `${(100 * entries.length) / most}%`;
    const line = make("div", "rule-row", make("code", "", rule), make("div", "track", bar), make("span", "number", entries.length.toLocaleString(texts.language)));
    const titles = entries.slice(0, 5).map((entry) => known[entry.content_id]?.title ?? entry.content_id).join(" · ");
    const more = make("details", "small", make("summary", "", texts.rules[rule] ?? rule), make("p", "muted", `${texts.examples} ${titles}`));
    return make("div", "", line, more);
  }));
}

async function describe(ids) {
  const unique = [...new Set(ids)];
  if (!unique.length) return {};
  const reply = await fetch("/catalogue/describe", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ content_ids: unique, language: texts.language }),
  });
  return reply.ok ? reply.json() : {};
}

document.querySelectorAll("[data-combobox]").forEach((box) => combobox(box, search, box.dataset.combobox === "current" ? choose : addToHistory));
element("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
element("device").addEventListener("change", ask);
element("random").addEventListener("click", async () => {
  const [video] = await search("", "random");
  if (video) choose(video);
});
const wanted = new URLSearchParams(location.search).get("current");
if (wanted) describe([wanted]).then((known) => choose(known[wanted] ?? { content_id: wanted, title: wanted, about: "" }));
