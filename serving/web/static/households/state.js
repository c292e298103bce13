// What the viewer has set: filters, time, what is chosen, found and pointed at.
const DAY_MS = 86_400_000;

export class State {
  camera = { x: 0, y: 0, k: 1 };
  chosen = null; // a household
  pointed = null; // a household
  pointedItem = null; // something inside it
  marked = new Set(); // households found
  deviceClass = "";
  windowDays = 0; // 0: all
  minWeight = 0;
  timeMs = null; // null: now
  #links = null;

  constructor(city, texts) { this.city = city; this.texts = texts; }

  /** Forget what was derived from the city. */
  changed() { this.#links = null; }

  get nowMs() { return this.timeMs ?? this.city.newestMs; }

  isDeviceShown(item) {
    if (this.timeMs === null ? item.until_ms !== Infinity : item.from_ms > this.timeMs || item.until_ms <= this.timeMs) return false;
    if (this.deviceClass && item.node.device_class !== this.deviceClass) return false;
    if (!this.windowDays) return true;
    const fromMs = this.nowMs - this.windowDays * DAY_MS;
    return (item.node.last_ms ?? item.from_ms) >= fromMs && item.from_ms <= this.nowMs;
  }

  get isFiltered() { return this.deviceClass !== "" || this.windowDays > 0 || this.timeMs !== null; }

  isShown(household) {
    if (!this.isFiltered) return household.liveCount > 0;
    return household.devices.some((item) => this.isDeviceShown(item));
  }

  isDimmed(household) {
    return this.marked.size > 0 && !this.marked.has(household) && household !== this.chosen;
  }

  strongLinks() {
    if (!this.#links) this.#links = [...this.city.links.values()].filter((link) => link.kind === "linked");
    const { minWeight, timeMs } = this, fromMs = this.windowDays ? this.nowMs - this.windowDays * DAY_MS : -Infinity;
    return this.#links.filter((link) => link.weight >= minWeight && (timeMs === null || link.from_ms <= timeMs) && (link.last_ms ?? Infinity) >= fromMs);
  }
}
