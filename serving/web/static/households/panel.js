// One household in words, fetched when it is asked for and kept for a while.
import { shapeSvg } from "./shapes.js";

const kept = new Map();

/** Everything about a household; asked for once a minute at most. */
export async function detailOf(id) {
  const known = kept.get(id);
  if (known && performance.now() - known.at < 60_000) return known.detail;
  const detail = fetch(`/households/data/${encodeURIComponent(id)}`).then((reply) => (reply.ok ? reply.json() : null));
  if (kept.size > 200) kept.clear();
  kept.set(id, { at: performance.now(), detail });
  return detail;
}

export const forget = (id) => kept.delete(id);

export function make(tag, properties = {}, ...content) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...content);
  return node;
}

export function showDetail(target, detail, { texts, onHousehold, onDevice, onContent, colours }) {
  const language = texts.language;
  const number = new Intl.NumberFormat(language), day = (at) => (at ? new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(at)) : texts.still);
  const devices = detail.devices.map((device) => {
    const button = make("button", { type: "button", className: "line" });
    const deviceClass = device.device_class ?? "unknown";
    button.innerHTML = shapeSvg(deviceClass, colours[deviceClass]);
    button.append(make("span", {}, `${texts[deviceClass]} `, make("code", {}, device.device_key.slice(0, 10))), make("span", { className: "number muted" }, `${Math.round(100 * (device.confidence ?? 0))} %`));
    const why = make("p", { className: "small why" }, device.why[language]);
    for (const event of ["focus", "mouseenter", "click"]) button.addEventListener(event, () => onDevice(device.device_key));
    for (const event of ["blur", "mouseleave"]) button.addEventListener(event, () => onDevice(null));
    return make("li", { className: device.until_at ? "gone" : "" }, button, why);
  });
  const contents = detail.content.slice(0, 12).map((content) => {
    const button = make("button", { type: "button", className: "line" }, make("span", {}, content.title ?? content.content_id), make("span", { className: "number muted" }, `${number.format(content.views)}×`));
    button.addEventListener("click", () => onContent(content.content_id));
    return make("li", {}, button);
  });
  const links = detail.links.slice(0, 20).map((link) => {
    const button = make("button", { type: "button", className: "line" }, make("code", {}, link.household_id), make("span", { className: "number muted" }, `${Math.round(100 * link.weight)} %`));
    button.addEventListener("click", () => onHousehold(link.household_id));
    return make("li", {}, button, make("p", { className: "small why" }, link.why[language]));
  });
  const addresses = detail.addresses.slice(0, 31).map((address) => make("li", { className: "small" }, make("code", {}, address.address_key.slice(0, 10)), ` ${day(address.from_at)}`));
  const changes = detail.changes.slice(0, 20).map((change) => make("li", { className: "small" }, `${day(change.at)}: ${change.text[language]}`));
  target.replaceChildren(
    make("h2", { tabIndex: -1 }, make("code", {}, detail.id)), make("p", { className: "small" }, detail.why[language]),
    ...part(texts.devices, devices, true), ...part(texts.contents, contents, true), ...part(texts.linked, links, true),
    ...part(texts.addresses, addresses, false), ...part(texts.changes, changes, false),
  );
}

function part(title, rows, isOpen) {
  return rows.length ? [make("details", { open: isOpen }, make("summary", {}, `${title} (${rows.length})`), make("ul", { className: "lines" }, ...rows))] : [];
}
