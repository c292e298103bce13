// Between two hands-over of the worker, things glide: the page interpolates, the worker computes.
const GLIDE_MS = 160;

export class Motion {
  #moving = new Set();
  #worker = new Worker("/static/households/worker.js", { type: "module" });

  constructor(city, onMoved) {
    this.city = city;
    this.#worker.onmessage = ({ data }) => { this.#take(data); onMoved(); };
  }

  get isMoving() { return this.#moving.size > 0; }

  /** Households in which something is on its way. */
  get households() { const found = new Set(); for (const item of this.#moving) found.add(item.household); return found; }

  /** Let forces settle what is inside these households. */
  settle(households) {
    const wanted = households.filter((each) => each && each.devices.length);
    for (const household of wanted) {
      household.isSettled = true;
      for (const item of household.devices) if (item.isMoving) { item.isMoving = false; this.#send(item, item.toX, item.toY); }
    }
    if (wanted.length) this.#worker.postMessage(wanted.map((household) => this.#described(household)));
  }

  /** Move everything to where it is at this time. */
  step(now) {
    for (const item of this.#moving) {
      const share = Math.min(1, (now - item.since) / item.glideMs);
      item.x = item.fromX + (item.toX - item.fromX) * share;
      item.y = item.fromY + (item.toY - item.fromY) * share;
      if (share === 1) this.#moving.delete(item);
    }
  }

  #described(household) {
    const items = [...household.devices, ...household.addresses, ...household.contents];
    const place = new Map(items.map((item, i) => [item.id, i]));
    const springs = [];
    for (const device of household.devices) {
      if (device.until_ms !== Infinity) continue;
      for (const kind of ["seen", "viewed"]) {
        for (const link of this.city.linksOf(device.id, kind)) if (place.has(link.target)) springs.push([place.get(device.id), place.get(link.target)]);
      }
    }
    return {
      id: household.id, x: household.x, y: household.y, r: household.r, springs,
      slots: items.map((item) => item.slot), kinds: items.map((item) => item.kind), xy: items.flatMap((item) => [item.toX, item.toY]),
    };
  }

  #take({ slots, xy }) {
    slots.forEach((slot, i) => { const item = this.city.items[slot]; if (item) this.#send(item, xy[2 * i], xy[2 * i + 1]); });
  }

  #send(item, x, y) {
    const isFar = Math.hypot(x - item.x, y - item.y) > 3 * item.household.r; // a device that comes from another household
    Object.assign(item, { fromX: item.x, fromY: item.y, toX: x, toY: y, since: performance.now(), glideMs: isFar ? 900 : GLIDE_MS });
    if (!isFar && this.#moving.has(item) && item.glideMs < GLIDE_MS) item.glideMs = GLIDE_MS;
    this.#moving.add(item);
  }
}
