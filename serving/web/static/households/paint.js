// Draws the city on a canvas: dots from afar, devices nearer, addresses, contents and names close by.
import { Labels } from "./labels.js";
import { CLASSES, addShape } from "./shapes.js";

export const NEAR = 13, CLOSE = 58, CLOSEST = 120; // a household's radius on the screen, in pixels

const FEW = 150;
const BASE_MS = 50; // while the camera moves, what stands still is drawn anew so often

export class Painter {
  constructor(canvas, city, state) {
    this.canvas = canvas; this.city = city; this.state = state;
    this.context = canvas.getContext("2d", { alpha: false });
    this.base = document.createElement("canvas").getContext("2d", { alpha: false });
    this.baseMoving = new Set(); this.baseAt = -Infinity; this.baseCamera = null; this.isProvisional = false;
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.seen = []; this.pulses = []; this.isStale = true;
    this.readColours();
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--${name}`).trim();
    this.colours = Object.fromEntries(["ground", "surface", "ink", "muted", "line", "accent", "tv", "smartphone", "tablet", "desktop", "warn", "good"].map((name) => [name, read(name)]));
    this.colours.unknown = this.colours.muted;
    this.invalidate();
  }

  resize() {
    const ratio = Math.min(2, window.devicePixelRatio || 1), { clientWidth, clientHeight } = this.canvas;
    this.ratio = ratio; this.width = clientWidth; this.height = clientHeight;
    for (const canvas of [this.canvas, this.base.canvas]) { canvas.width = Math.round(clientWidth * ratio); canvas.height = Math.round(clientHeight * ratio); }
    this.invalidate();
  }

  /** Is something on its way that needs another frame? */
  isAnimating() { return this.pulses.length > 0 || this.isProvisional; }

  /** What stands still is drawn anew with the next frame. */
  invalidate() { this.isStale = true; }

  pulse(item, now) { if (this.pulses.length < 300 && !this.isCalm) this.pulses.push({ item, since: now }); }

  /** What stands still comes from a layer of its own; while the camera moves, that is shifted and drawn anew now and then. */
  draw(now, moving = new Set()) {
    const { context, ratio } = this, { x, y, k } = this.state.camera;
    const isCameraOther = x !== this.baseCamera?.x || y !== this.baseCamera.y || k !== this.baseCamera.k;
    const isOther = this.isStale || isCameraOther || moving.size !== this.baseMoving.size || [...moving].some((one) => !this.baseMoving.has(one));
    this.isProvisional = isCameraOther && now - this.baseAt < BASE_MS;
    if (isOther && !this.isProvisional) this.#drawBase(now, moving);
    this.#blit();
    context.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
    if (this.baseMoving.size) this.#everything(this.seen.filter((one) => this.baseMoving.has(one)), k);
    this.#pulses(now, k);
    this.#marks(k);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#names(this.seen, k);
  }

  /** Copy the layer to where the camera of now sees what the camera of then saw. */
  #blit() {
    const { context, ratio, baseCamera } = this, { x, y, k } = this.state.camera, scale = k / baseCamera.k;
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (this.isProvisional) {
      context.fillStyle = this.colours.ground;
      context.fillRect(0, 0, this.canvas.width, this.canvas.height);
      context.setTransform(scale, 0, 0, scale, ratio * (x - baseCamera.x * scale), ratio * (y - baseCamera.y * scale));
    }
    context.drawImage(this.base.canvas, 0, 0);
  }

  #drawBase(now, moving) {
    const main = this.context, { x, y, k } = this.state.camera, seen = this.#inView();
    this.baseCamera = { x, y, k }; this.baseMoving = new Set(moving); this.baseAt = now; this.isStale = false;
    this.context = this.base;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.fillStyle = this.colours.ground;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.setTransform(this.ratio * k, 0, 0, this.ratio * k, this.ratio * x, this.ratio * y);
    this.#links(k, seen.length < FEW ? new Set(seen) : null);
    this.#everything(moving.size ? seen.filter((one) => !moving.has(one)) : seen, k);
    this.context = main;
    this.seen = seen;
  }

  #everything(households, k) {
    this.#households(households, k);
    this.#inside(households, k);
    this.#devices(households, k);
  }

  #inView() {
    const { x, y, k } = this.state.camera, found = [];
    const left = -x / k, top = -y / k, right = (this.width - x) / k, bottom = (this.height - y) / k;
    for (const one of this.city.households.values()) {
      if (one.x + one.r > left && one.x - one.r < right && one.y + one.r > top && one.y - one.r < bottom && this.state.isShown(one)) found.push(one);
    }
    return found;
  }

  /** Lines of one pixel in short paths: long or wide ones take a software renderer fifty times as long. */
  #links(k, ends) {
    const { context, colours, state } = this, chosen = state.chosen?.id, links = state.strongLinks();
    const crowd = Math.min(1, 14 / Math.sqrt(links.length + 1)), others = chosen || state.marked.size ? 0.35 : 1;
    const own = [], strokes = { strong: Math.max(0.08, 0.75 * crowd * others), weak: Math.max(0.05, 0.35 * crowd * others) };
    context.strokeStyle = colours.muted; context.lineWidth = 1 / (k * this.ratio);
    for (const [name, alpha] of Object.entries(strokes)) {
      context.globalAlpha = alpha;
      let count = 0;
      context.beginPath();
      for (const link of links) {
        if ((link.weight >= 0.5) !== (name === "strong")) continue;
        const a = this.city.households.get(link.source), b = this.city.households.get(link.target);
        if (!a || !b || !state.isShown(a) || !state.isShown(b)) continue;
        if (ends && !ends.has(a) && !ends.has(b)) continue; // close by, lines of others would only be in the way
        if (link.source === chosen || link.target === chosen) { own.push([a, b]); continue; }
        context.moveTo(a.x, a.y); context.lineTo(b.x, b.y);
        if (++count % 48 === 0) { context.stroke(); context.beginPath(); }
      }
      context.stroke();
    }
    context.globalAlpha = 1; context.strokeStyle = colours.accent; context.lineWidth = 1.8 / k;
    for (const [a, b] of own) { context.beginPath(); context.moveTo(a.x, a.y); context.lineTo(b.x, b.y); context.stroke(); }
  }

  #households(seen, k) {
    const { context, colours, state } = this;
    const plain = new Path2D(), dim = new Path2D(), doubtful = new Path2D();
    for (const one of seen) {
      const path = state.isDimmed(one) ? dim : plain;
      path.moveTo(one.x + one.r, one.y); path.arc(one.x, one.y, one.r, 0, 2 * Math.PI);
      if (this.city.nodes.get(one.id)?.is_separable === false && one.r * k > 5) { doubtful.moveTo(one.x + one.r, one.y); doubtful.arc(one.x, one.y, one.r, 0, 2 * Math.PI); }
    }
    context.fillStyle = colours.surface; context.strokeStyle = colours.line; context.lineWidth = 1 / k;
    context.globalAlpha = 1; context.fill(plain); context.stroke(plain);
    context.globalAlpha = 0.35; context.fill(dim); context.globalAlpha = 1;
    context.strokeStyle = colours.warn; context.lineWidth = 1.5 / k; context.setLineDash([4 / k, 3 / k]); context.stroke(doubtful); context.setLineDash([]);
  }

  /** Addresses, contents and the lines to them, where there is room. */
  #inside(seen, k) {
    const { context, colours } = this;
    const lines = new Path2D(), addresses = new Path2D(), contents = new Path2D();
    for (const one of seen) {
      if (one.r * k < CLOSE) continue;
      const place = new Map([...one.addresses, ...one.contents].map((item) => [item.id, item]));
      for (const device of one.devices) {
        if (!this.state.isDeviceShown(device)) continue;
        for (const kind of ["seen", "viewed"]) {
          for (const link of this.city.linksOf(device.id, kind)) {
            const item = place.get(link.target);
            if (item) { lines.moveTo(device.x, device.y); lines.lineTo(item.x, item.y); }
          }
        }
      }
      for (const item of one.addresses) { lines.moveTo(one.x, one.y); lines.lineTo(item.x, item.y); addresses.moveTo(item.x + 0.05 * one.r, item.y); addresses.arc(item.x, item.y, 0.05 * one.r, 0, 2 * Math.PI); }
      for (const item of one.contents) contents.rect(item.x - 0.05 * one.r, item.y - 0.035 * one.r, 0.1 * one.r, 0.07 * one.r);
    }
    context.strokeStyle = colours.line; context.lineWidth = 1.2 / k; context.stroke(lines);
    context.fillStyle = colours.ground; context.strokeStyle = colours.ink; context.lineWidth = 1.6 / k; context.fill(addresses); context.stroke(addresses);
    context.fillStyle = colours.good; context.fill(contents);
  }

  #devices(seen, k) {
    const { context, colours, state } = this;
    const bright = Object.fromEntries(CLASSES.map((each) => [each, new Path2D()])), dim = Object.fromEntries(CLASSES.map((each) => [each, new Path2D()]));
    for (const one of seen) {
      const paths = state.isDimmed(one) ? dim : bright, isNear = one.r * k >= NEAR;
      const r = isNear ? Math.min(0.13 * one.r, 14 / k) : Math.max(0.15 * one.r, Math.min(1.35 / k, 0.5 * one.r));
      for (const item of one.devices) {
        if (!state.isDeviceShown(item)) continue;
        const deviceClass = item.node.device_class ?? "unknown";
        if (isNear) addShape(paths[deviceClass], deviceClass, item.x, item.y, r);
        else paths[deviceClass].rect(item.x - r, item.y - r, 2 * r, 2 * r);
      }
    }
    for (const each of CLASSES) {
      context.fillStyle = colours[each];
      context.globalAlpha = 0.22; context.fill(dim[each]);
      context.globalAlpha = 1; context.fill(bright[each]);
    }
  }

  #pulses(now, k) {
    const { context, colours } = this;
    this.pulses = this.pulses.filter((pulse) => now - pulse.since < 1200);
    context.strokeStyle = colours.accent; context.lineWidth = 2 / k;
    for (const { item, since } of this.pulses) {
      const share = (now - since) / 1200;
      context.globalAlpha = 1 - share;
      context.beginPath(); context.arc(item.x, item.y, (3 + 14 * share) / k, 0, 2 * Math.PI); context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** Rings around what is chosen, found or pointed at. */
  #marks(k) {
    const { context, colours, state } = this;
    context.strokeStyle = colours.accent;
    for (const one of state.marked) ring(context, one.x, one.y, Math.max(one.r, 5 / k), 2 / k);
    if (state.pointed && state.pointed !== state.chosen) ring(context, state.pointed.x, state.pointed.y, Math.max(state.pointed.r, 4 / k), 1.5 / k);
    if (state.chosen) ring(context, state.chosen.x, state.chosen.y, Math.max(state.chosen.r, 5 / k), 3 / k);
    if (state.pointedItem) ring(context, state.pointedItem.x, state.pointedItem.y, 0.17 * state.pointedItem.household.r, 2.5 / k);
  }

  #names(seen, k) {
    const { context, colours, state } = this, { x, y } = state.camera;
    const close = seen.filter((one) => one.r * k >= CLOSE);
    context.textAlign = "center"; context.textBaseline = "top";
    const labels = new Labels(context, colours);
    for (const one of close.slice(0, 60)) {
      const left = one.x * k + x, top = one.y * k + y, isClosest = one.r * k >= CLOSEST, size = Math.min(0.17 * one.r * k, 18);
      const devices = isClosest ? one.devices.filter((item) => state.isDeviceShown(item)) : [];
      for (const item of devices) labels.keepFree(item.x * k + x, item.y * k + y, size);
      labels.font = "600 12px system-ui, sans-serif";
      labels.write(one.id, left, top + one.r * k + 5, colours.ink);
      if (!isClosest) continue;
      labels.font = "11.5px system-ui, sans-serif";
      for (const item of devices) labels.write(state.texts[item.node.device_class ?? "unknown"], item.x * k + x, item.y * k + y + size + 1, colours.ink);
      for (const item of one.addresses) labels.write(short(item.id), item.x * k + x, item.y * k + y + 0.05 * one.r * k + 3, colours.muted);
      for (const item of one.contents) labels.write(cut(item.node.title ?? item.id), item.x * k + x, item.y * k + y + 0.035 * one.r * k + 3, colours.good);
    }
  }
}

export const short = (key) => `${key.slice(0, 8)}…`;
const cut = (text) => (text.length > 26 ? `${text.slice(0, 25)}…` : text);

function ring(context, x, y, r, width) {
  context.lineWidth = width;
  context.beginPath(); context.arc(x, y, r, 0, 2 * Math.PI); context.stroke();
}
