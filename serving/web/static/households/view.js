// The camera: d3's zoom by mouse and finger, arrows, +, - and 0 by keyboard, flights to a household.
import { CITY_RADIUS } from "./place.js";

export class View {
  constructor(canvas, state, onMoved) {
    this.canvas = canvas; this.state = state;
    this.selection = d3.select(canvas);
    this.zoom = d3.zoom().scaleExtent([0.1, 900]).on("zoom", ({ transform }) => { state.camera = { x: transform.x, y: transform.y, k: transform.k }; onMoved(); });
    this.selection.call(this.zoom).on("dblclick.zoom", null);
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  whole(isInstant = false) { this.#fly(0, 0, Math.min(this.canvas.clientWidth, this.canvas.clientHeight) / (2.12 * CITY_RADIUS), isInstant); }

  to(household) { this.#fly(household.x, household.y, (0.36 * Math.min(this.canvas.clientWidth, this.canvas.clientHeight)) / household.r); }

  toAll(households) {
    const [x0, x1] = d3.extent(households, (one) => one.x), [y0, y1] = d3.extent(households, (one) => one.y);
    const size = Math.max(x1 - x0, y1 - y0, 8 * households[0].r);
    this.#fly((x0 + x1) / 2, (y0 + y1) / 2, (0.85 * Math.min(this.canvas.clientWidth, this.canvas.clientHeight)) / size);
  }

  by(factor) { this.#moving().call(this.zoom.scaleBy, factor); }

  pan(dx, dy) { this.#moving().call(this.zoom.translateBy, (dx * 80) / this.state.camera.k, (dy * 80) / this.state.camera.k); }

  /** The point of the city under a point of the canvas. */
  at(left, top) { const { x, y, k } = this.state.camera; return [(left - x) / k, (top - y) / k]; }

  #moving(milliseconds = 160) { return this.isCalm ? this.selection : this.selection.transition().duration(milliseconds); }

  #fly(x, y, k, isInstant = false) {
    const transform = d3.zoomIdentity.translate(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2).scale(k).translate(-x, -y);
    if (isInstant || this.isCalm) this.selection.call(this.zoom.transform, transform);
    else this.selection.transition().duration(900).ease(d3.easeCubicInOut).call(this.zoom.transform, transform);
  }
}
