// The text as it is written: one text node that grows once a frame, however many deltas arrive in it, and a view that
// follows the end unless the reader has scrolled up. While it grows it is busy, which keeps a screen reader from
// reading every delta: the status line says when the answer begins and ends.

export class Output {
  #text = new Text();
  #pending = "";
  #frame = 0;
  #whole = "";
  /** @type {typeof import("./markdown.js").render | undefined} */
  #render;
  /** @type {number[]} */
  #joints = [];

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    element.append(this.#text);
  }

  /** @param {import("./run.js").State} state */
  show(state) {
    if (state.phase === "waiting") {
      this.clear();
    } else if (state.phase !== "streaming") {
      this.#flush();
    }
    this.element.ariaBusy = String(state.phase === "waiting" || state.phase === "streaming");
  }

  get text() {
    return this.#whole;
  }

  clear() {
    this.#pending = "";
    this.#whole = "";
    this.#joints = [];
    this.#text.data = "";
    this.#draw();
  }

  /** @param {boolean} on */
  async markdown(on) {
    this.#render = on ? (await import("/markdown.js")).render : undefined;
    this.element.classList.toggle("markdown", on);
    this.#draw();
  }

  /** What follows was written by another target. */
  joint() {
    if (this.#whole !== "") this.#joints.push(this.#whole.length);
  }

  /** @param {string} text */
  append(text) {
    this.#whole += text;
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
    this.#draw();
    if (atEnd) element.scrollTop = element.scrollHeight;
  }

  // The text node stays as it is where it is shown; what another target wrote is marked by a highlight, not by elements.
  #draw() {
    if (this.#render) this.element.replaceChildren(this.#render(this.#whole));
    else if (this.element.firstChild !== this.#text) this.element.replaceChildren(this.#text);
    const from = this.#joints[0];
    if (from === undefined || this.#render || this.#text.length < from) {
      CSS.highlights?.delete("continued");
      return;
    }
    const range = new Range();
    range.setStart(this.#text, from);
    range.setEnd(this.#text, this.#text.length);
    CSS.highlights?.set("continued", new Highlight(range));
  }
}
