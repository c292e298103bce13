// The time slider: replays the window from its first day to now in half a minute.
const REPLAY_MS = 30_000;

export class Replay {
  #since = null;

  constructor({ slider, button, output, city, state, texts, onChanged }) {
    Object.assign(this, { slider, button, output, city, state, texts, onChanged });
    this.format = new Intl.DateTimeFormat(texts.language, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
    slider.addEventListener("input", () => { this.stop(); this.#at(Number(slider.value) / 1000); });
    button.addEventListener("click", () => this.toggle());
    this.#tell();
  }

  get isPlaying() { return this.#since !== null; }

  toggle() { if (this.isPlaying) this.stop(); else this.play(); }

  play() {
    const share = Number(this.slider.value) / 1000;
    this.#since = performance.now() - (share < 1 ? share : 0) * REPLAY_MS;
    this.#tell();
    this.onChanged();
  }

  stop() { this.#since = null; this.#tell(); }

  /** One frame of the replay. */
  step(now) {
    if (!this.isPlaying) return;
    const share = Math.min(1, (now - this.#since) / REPLAY_MS);
    this.slider.value = String(Math.round(1000 * share));
    if (share === 1) this.#since = null;
    this.#at(share);
  }

  #at(share) {
    const { oldestMs, newestMs } = this.city;
    this.state.timeMs = share >= 1 || newestMs === 0 ? null : oldestMs + share * (newestMs - oldestMs);
    this.#tell();
    this.onChanged();
  }

  #tell() {
    const { state, texts } = this;
    const words = state.timeMs === null ? texts.now : `${this.format.format(state.timeMs)} UTC`;
    if (this.output.textContent !== words) this.output.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    const action = this.isPlaying ? texts.pause : texts.play;
    if (this.button.title !== action) { this.button.title = action; this.button.setAttribute("aria-label", action); this.button.textContent = this.isPlaying ? "❚❚" : "▶"; }
  }
}
