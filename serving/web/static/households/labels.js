// Names on the picture: one that would lie on another or on a device is left out; pointing tells it.
const HEIGHT = 14;
const widths = new Map();

export class Labels {
  #taken = [];
  font = "";

  constructor(context, colours) { this.context = context; this.colours = colours; }

  /** No name here. */
  keepFree(x, y, r) { this.#taken.push([x - 0.7 * r, y - 0.7 * r, x + 0.7 * r, y + 0.7 * r]); }

  write(text, x, y, colour) {
    const { context } = this;
    context.font = this.font;
    const half = 0.5 * this.#width(text) + 2, box = [x - half, y, x + half, y + HEIGHT];
    if (this.#taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
    this.#taken.push(box);
    context.lineWidth = 3; context.strokeStyle = this.colours.surface; context.lineJoin = "round";
    context.strokeText(text, x, y);
    context.fillStyle = colour; context.fillText(text, x, y);
  }

  #width(text) {
    const name = `${this.font} ${text}`;
    let width = widths.get(name);
    if (width === undefined) {
      if (widths.size > 5000) widths.clear();
      widths.set(name, width = this.context.measureText(text).width);
    }
    return width;
  }
}
