// The text as it is written: one text node that grows once a frame, however many deltas arrive in it, and a view that
// follows the end unless the reader has scrolled up. While it grows it is busy, which keeps a screen reader from
// reading every delta: the status line says when the answer begins and ends.

export class Output {
  #text = new Text();
  #pending = "";
  #frame = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    element.append(this.#text);
  }

  /** @param {import("./run.js").State} state */
  show(state) {
    if (state.phase === "waiting") {
      this.#pending = "";
      this.#text.data = "";
    } else if (state.phase !== "streaming") {
      this.#flush();
    }
    this.element.ariaBusy = String(state.phase === "waiting" || state.phase === "streaming");
  }

  /** @param {string} text */
  append(text) {
    this.#pending += text;
    this.#frame ||= requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#pending === "") return;
    const { element } = this;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 32;
    this.#text.appendData(this.#pending);
    this.#pending = "";
    if (atEnd) element.scrollTop = element.scrollHeight;
  }
}
