// The city as the page knows it: nodes and links by name, households with what is in them, kept up by deltas.
import { householdPoint, standardRadius, seed, onRing, RINGS } from "./place.js";

const keyOf = (link) => `${link.source}\u0000${link.target}\u0000${link.kind}`;

export class City {
  nodes = new Map();
  links = new Map();
  around = new Map(); // node id -> set of link keys
  households = new Map(); // id -> household with x, y, r and its items
  items = []; // by slot: what is drawn inside households
  seq = -1;
  epoch = null;
  isComplete = true; // false: the snapshot had no room for everything
  newestMs = 0;
  oldestMs = Infinity;
  #freeSlots = [];

  reset(snapshot) {
    this.nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
    this.links = new Map(); this.around = new Map();
    this.households = new Map(); this.items = []; this.#freeSlots = [];
    this.newestMs = 0; this.oldestMs = Infinity;
    this.seq = snapshot.seq; this.epoch = snapshot.epoch; this.isComplete = snapshot.is_complete ?? true;
    for (const link of snapshot.links) this.#putLink(link);
    const ids = snapshot.nodes.filter((node) => node.kind === "household").map((node) => node.id);
    this.#settlePlaces(ids);
    for (const id of ids) this.#fill(this.households.get(id));
  }

  /** Take a delta; returns the households whose inside changed. */
  apply(delta) {
    const touched = new Set();
    for (const node of delta.nodes) {
      this.nodes.set(node.id, node);
      if (node.last_ms > this.newestMs) this.newestMs = node.last_ms;
      for (const household of this.#householdsOf(node)) touched.add(household);
    }
    for (const [source, target, kind] of delta.removed.links) {
      for (const household of this.#ends({ source, target, kind })) touched.add(household);
      this.#dropLink({ source, target, kind });
    }
    for (const link of delta.links) {
      this.#putLink(link);
      for (const household of this.#ends(link)) touched.add(household);
    }
    for (const id of delta.removed.nodes) { this.nodes.delete(id); this.#remove(id); touched.delete(id); }
    this.seq = delta.seq;
    const there = [...touched].filter((id) => this.nodes.get(id)?.kind === "household");
    this.#settlePlaces(there.filter((id) => !this.households.has(id)));
    for (const id of there) this.#fill(this.households.get(id));
    return there.map((id) => this.households.get(id));
  }

  linksOf(id, kind) {
    const found = [];
    for (const key of this.around.get(id) ?? []) { const link = this.links.get(key); if (link.kind === kind) found.push(link); }
    return found;
  }

  /** Add the newest address where the snapshot had no room for it; returns whether there was one to add. */
  supplement(household, detail) {
    const [address] = detail.addresses;
    if (!address || household.addresses.length) return false;
    this.nodes.set(address.address_key, { id: address.address_key, kind: "address", address_kind: address.kind });
    this.#putLink({ source: address.address_key, target: household.id, kind: "lease", weight: 1, from_ms: Date.parse(address.from_at), until_ms: Date.parse(address.until_at) });
    this.#fill(household);
    return true;
  }

  /** The household a device lives in now, else the last one. */
  homeOf(device) {
    const lives = this.linksOf(device, "lives");
    const link = lives.find((each) => each.until_ms === undefined) ?? lives.sort((a, b) => b.until_ms - a.until_ms)[0];
    return link ? this.households.get(link.target) : undefined;
  }

  /** Households in which a content was viewed. */
  householdsViewing(content) {
    const found = new Set();
    for (const link of this.linksOf(content, "viewed")) { const home = this.homeOf(link.source); if (home) found.add(home); }
    return [...found];
  }

  #putLink(link) {
    const key = keyOf(link);
    this.links.set(key, link);
    for (const end of [link.source, link.target]) {
      let keys = this.around.get(end);
      if (!keys) this.around.set(end, keys = new Set());
      keys.add(key);
    }
    const first = link.from_ms ?? link.last_ms, last = Math.max(link.until_ms ?? 0, link.last_ms ?? 0, first ?? 0);
    if (first < this.oldestMs) this.oldestMs = first;
    if (last > this.newestMs) this.newestMs = last;
  }

  #dropLink(link) {
    const key = keyOf(link);
    this.links.delete(key);
    for (const end of [link.source, link.target]) {
      const keys = this.around.get(end);
      keys?.delete(key);
      if (keys && !keys.size) this.around.delete(end);
    }
  }

  *#ends(link) {
    if (link.kind === "lives" || link.kind === "lease") yield link.target;
    else if (link.kind === "viewed" || link.kind === "seen") for (const each of this.linksOf(link.source, "lives")) yield each.target;
  }

  *#householdsOf(node) {
    if (node.kind === "household") yield node.id;
    if (node.kind === "device") for (const link of this.linksOf(node.id, "lives")) yield link.target;
  }

  /** Positions come from the ids; sizes shrink where two stand close, so that none overlap, and never change again. */
  #settlePlaces(ids) {
    if (!ids.length) return;
    const most = standardRadius(this.households.size + ids.length);
    const fresh = ids.map((id) => { const [x, y] = householdPoint(id); return { id, x, y, r: most, devices: [], addresses: [], contents: [], isSettled: false }; });
    const tree = d3.quadtree([...this.households.values(), ...fresh], (each) => each.x, (each) => each.y);
    for (const one of fresh) {
      tree.visit((quad, x0, y0, x1, y1) => {
        if (!quad.length) {
          for (let leaf = quad; leaf; leaf = leaf.next) {
            const other = leaf.data;
            if (other === one) continue;
            const distance = Math.hypot(other.x - one.x, other.y - one.y);
            const room = this.households.has(other.id) ? distance - other.r : distance / 2;
            one.r = Math.min(one.r, Math.max(0.94 * room, 0.15));
          }
        }
        const reach = 2 * most;
        return x0 > one.x + reach || x1 < one.x - reach || y0 > one.y + reach || y1 < one.y - reach;
      });
    }
    for (const one of fresh) this.households.set(one.id, one);
  }

  /** Make the items of a household from its links; those that stay keep where they are. */
  #fill(household) {
    const before = new Map([...household.devices, ...household.addresses, ...household.contents].map((item) => [item.id, item]));
    const lives = this.linksOf(household.id, "lives").sort((a, b) => (a.source < b.source ? -1 : 1));
    const living = lives.filter((link) => link.until_ms === undefined).map((link) => link.source);
    const addresses = new Set(this.linksOf(household.id, "lease").map((link) => link.source));
    const contents = new Set();
    for (const device of living) {
      for (const link of this.linksOf(device, "seen")) addresses.add(link.target);
      for (const link of this.linksOf(device, "viewed")) contents.add(link.target);
    }
    const turn = household.x;
    const make = (kind, ids, place) => ids.map((id, i) => this.#item(household, kind, id, before, place(i, ids.length)));
    household.devices = make("device", lives.map((link) => link.source), (i, n) => seed(i, RINGS.device * household.r, n));
    household.devices.forEach((item, i) => { item.from_ms = lives[i].from_ms; item.until_ms = lives[i].until_ms ?? Infinity; item.link = lives[i]; });
    household.addresses = make("address", [...addresses].sort(), (i, n) => onRing(i, n, RINGS.address * household.r, turn));
    household.contents = make("content", [...contents].sort(), (i, n) => onRing(i, n, RINGS.content * household.r, turn + 0.4));
    household.from_ms = Math.min(...lives.map((link) => link.from_ms));
    household.liveCount = living.length;
    household.isSettled = false;
    for (const item of before.values()) if (!item.isKept) this.#release(item);
    for (const item of [...household.devices, ...household.addresses, ...household.contents]) item.isKept = false;
  }

  #item(household, kind, id, before, [dx, dy]) {
    const known = before.get(id);
    if (known) { known.isKept = true; known.node = this.nodes.get(id) ?? known.node; return known; }
    const x = household.x + dx, y = household.y + dy;
    const slot = this.#freeSlots.pop() ?? this.items.length;
    const item = { slot, kind, id, household, node: this.nodes.get(id) ?? { id, kind }, x, y, fromX: x, fromY: y, toX: x, toY: y, isKept: true };
    if (kind === "device") this.#comeFrom(item);
    this.items[slot] = item;
    return item;
  }

  /** A device that changes its household starts from where it was. */
  #comeFrom(item) {
    for (const link of this.linksOf(item.id, "lives")) {
      const other = link.target === item.household.id ? undefined : this.households.get(link.target);
      const there = other?.devices.find((each) => each.id === item.id);
      if (there) { item.x = item.fromX = there.x; item.y = item.fromY = there.y; item.isMoving = true; }
    }
  }

  #release(item) { this.items[item.slot] = undefined; this.#freeSlots.push(item.slot); }

  #remove(id) {
    const household = this.households.get(id);
    if (!household) return;
    for (const item of [...household.devices, ...household.addresses, ...household.contents]) this.#release(item);
    this.households.delete(id);
  }
}
