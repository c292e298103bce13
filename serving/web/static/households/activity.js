// What has just happened: events by the second, and the newest changes of households in words.
import { make } from "./panel.js";

const SECONDS = 60, MOST = 6;

export class Activity {
  #counts = new Array(SECONDS).fill(0);
  #second = Math.floor(performance.now() / 1000);

  constructor({ list, quiet, rate, rateText, texts, colour, onHousehold }) {
    Object.assign(this, { list, quiet, rate, rateText, texts, colour, onHousehold });
    this.number = new Intl.NumberFormat(texts.language);
    setInterval(() => { if (!document.hidden) this.#show(); }, 1000);
    this.#show();
  }

  take(delta) {
    this.#turn();
    this.#counts[this.#second % SECONDS] += delta.event_count ?? delta.events?.length ?? 0;
    const changes = told(delta.changes ?? []);
    if (!changes.length) return;
    this.quiet.hidden = true;
    this.list.prepend(...changes.map((change) => this.#row(change)));
    while (this.list.children.length > MOST) this.list.lastChild.remove();
  }

  /** The seconds since the last turn begin at nothing. */
  #turn() {
    const second = Math.floor(performance.now() / 1000);
    for (let each = Math.max(this.#second + 1, second - SECONDS + 1); each <= second; each++) this.#counts[each % SECONDS] = 0;
    this.#second = second;
  }

  #row(change) {
    const { words, language } = this.texts;
    const said = words.changes[change.change].replace("{device}", (change.device_key ?? "").slice(0, 10)).replace("{other}", change.other_household_id ?? "–");
    const reason = words.reasons[change.reason];
    const button = make("button", { type: "button", className: "line" }, make("span", {}, make("code", {}, change.household_id), ` ${said}`), make("span", { className: "number muted" }, new Date(change.at).toLocaleTimeString(language)));
    if (reason) button.title = reason;
    button.addEventListener("click", () => this.onHousehold(change.household_id));
    return make("li", {}, button);
  }

  #show() {
    this.#turn();
    const total = this.#counts.reduce((sum, each) => sum + each, 0);
    const text = `${this.number.format(total)} ${this.texts.a_minute}`;
    if (this.rateText.textContent !== text) this.rateText.textContent = text;
    const context = this.rate.getContext("2d"), { width, height } = this.rate, step = width / SECONDS, most = Math.max(4, ...this.#counts);
    context.clearRect(0, 0, width, height);
    context.fillStyle = this.colour();
    for (let age = 0; age < SECONDS; age++) {
      const count = this.#counts[(this.#second - age + SECONDS) % SECONDS], tall = count ? Math.max(2, (height * count) / most) : 0;
      context.fillRect(width - (age + 1) * step, height - tall, step - 0.5, tall);
    }
  }
}

/** The newest changes, one for a device and a household: where it went says that it left, that it is new says who came. */
function told(changes) {
  const found = new Map(), isWhole = new Set(changes.filter((each) => ["new", "split", "merge"].includes(each.change)).map((each) => each.household_id));
  for (const change of changes) {
    if (change.device_key?.endsWith("-")) continue; // erased since
    if (change.change === "join" && isWhole.has(change.household_id)) continue;
    const name = change.device_key ?? `${change.change} ${change.household_id}`;
    if (change.change !== "leave" || !found.has(name)) found.set(name, change);
  }
  return [...found.values()].slice(-MOST).reverse();
}
