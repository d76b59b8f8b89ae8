// A conversation: what was said so far, a system message before it, and how a question becomes the request's messages. The
// newest answer stands in the output, what led to it above. As a plain prompt there is none of it.

/** @typedef {import("./call.js").Message} Message */

export class Conversation {
  /** @type {Message[]} */
  #turns = [];
  /** What is being asked, or was without an answer. @type {Message[]} */
  #pending = [];
  /** The last turn is the answer in the output. */
  #newest = false;
  #parts;
  on = false;

  /**
   * @param {{
   *   form: HTMLElement,
   *   system: HTMLInputElement,
   *   before: HTMLElement,
   *   count: HTMLElement,
   *   clear: HTMLElement,
   *   history: HTMLElement,
   *   turns: HTMLElement,
   * }} parts
   * @param {() => void} cleared
   */
  constructor(parts, cleared) {
    this.#parts = parts;
    parts.clear.addEventListener("click", () => {
      this.clear();
      cleared();
    });
  }

  /** @returns {Message[]} */
  get turns() {
    return this.#turns;
  }

  /** @param {boolean} on */
  show(on) {
    this.on = on;
    this.#parts.form.hidden = !on;
    this.clear();
  }

  clear() {
    this.resume([]);
  }

  /** What was said before a reload, or in a shared conversation. @param {Message[]} turns */
  resume(turns) {
    this.#turns = turns;
    this.#pending = [];
    this.#newest = false;
    this.#draw();
  }

  /** @param {string} question @returns {{ prompt: string } | { messages: Message[] }} */
  ask(question) {
    if (!this.on) return { prompt: question };
    const system = this.#parts.system.value.trim();
    const before = system ? [{ role: "system", content: system }] : [];
    return { messages: [...before, ...this.#turns, { role: "user", content: question }] };
  }

  /** @param {string} question is sent, and its answer will be in the output */
  asked(question) {
    if (!this.on) return;
    this.#pending = [{ role: "user", content: question }];
    this.#newest = false;
    this.#draw();
  }

  /** @param {string} answer to what was asked */
  answered(answer) {
    this.#turns = [...this.#turns, ...this.#pending, { role: "assistant", content: answer }];
    this.#pending = [];
    this.#newest = true;
    this.#draw();
  }

  /** Takes the last question back, with its answer. @returns {string | undefined} */
  retract() {
    if (!this.on || this.#turns.length < 2) return undefined;
    const [question] = this.#turns.slice(-2);
    this.#turns = this.#turns.slice(0, -2);
    return question.content;
  }

  #draw() {
    const { turns, history, before, count } = this.#parts;
    const earlier = this.#newest ? this.#turns.slice(0, -1) : this.#turns;
    turns.replaceChildren(
      ...[...earlier, ...this.#pending].map(({ role, content }) => {
        const item = document.createElement("li");
        item.dataset.role = role;
        item.textContent = content;
        return item;
      }),
    );
    history.hidden = turns.childElementCount === 0;
    history.scrollTop = history.scrollHeight;
    const { length } = this.#turns;
    before.hidden = length === 0;
    count.textContent = `${length} turn${length === 1 ? "" : "s"} before this one`;
  }
}
