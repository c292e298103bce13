// The search: household, device, content title; arrows and Enter choose.
import { make } from "./panel.js";

const MOST = 12;

export function finder({ input, list, city, texts, onChosen }) {
  let found = [], active = -1;

  function search() {
    const words = input.value.trim().toLowerCase();
    found = words ? matching(city, words) : [];
    active = found.length ? 0 : -1;
    show();
  }

  function show() {
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
    const rows = found.map((node, i) => {
      const row = make("li", { id: `found-${i}` }, node.title ?? node.id, make("span", { className: "muted small" }, ` ${texts[node.kind]}`));
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(i === active));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(node); });
      return row;
    });
    list.replaceChildren(...(rows.length ? rows : [make("li", { className: "muted" }, texts.nothing_found)]));
    if (active >= 0) input.setAttribute("aria-activedescendant", `found-${active}`); else input.removeAttribute("aria-activedescendant");
  }

  function choose(node) { input.value = node.title ?? node.id; close(); onChosen(node); }
  function close() { list.hidden = true; input.setAttribute("aria-expanded", "false"); }

  input.addEventListener("input", search);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; close(); onChosen(null); }
    else if (event.key === "Enter" && found[active]) { event.preventDefault(); choose(found[active]); }
    else if (["ArrowDown", "ArrowUp"].includes(event.key) && found.length) {
      event.preventDefault();
      active = (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      show();
    }
  });
}

function matching(city, words) {
  const begins = [], holds = [];
  for (const node of city.nodes.values()) {
    if (node.kind === "address") continue;
    const text = (node.title ?? node.id).toLowerCase();
    if (text.startsWith(words) || node.id.toLowerCase().startsWith(words)) begins.push(node);
    else if (text.includes(words)) holds.push(node);
    if (begins.length >= MOST) break;
  }
  return [...begins, ...holds].slice(0, MOST);
}
