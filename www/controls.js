// The form: what it offers, what it holds as a call, and what is wrong with it. A field that is left empty is left out
// of the request, so that the service's own default holds.

/** @typedef {import("./call.js").Call} Call */

// No id: a deployment called "other" stays possible.
const OTHER = "";

export class Controls {
  #several = false;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.target = /** @type {HTMLSelectElement} */ (form.elements.namedItem("target"));
    this.deployment = /** @type {HTMLInputElement} */ (form.elements.namedItem("deployment"));
    this.prompt = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("prompt"));
    this.sampling = /** @type {HTMLFieldSetElement} */ (form.querySelector("#sampling"));
    this.numbers = [...this.sampling.querySelectorAll("input")].filter(({ type }) => type === "number");
    // For the mouse: each follows its field, and the field follows it. Keys have the field alone.
    this.sliders = [...this.sampling.querySelectorAll("input")].filter(({ type }) => type === "range");
    form.addEventListener("input", (event) => this.#changed(event.target));
  }

  /**
   * @param {string[]} deployments
   * @param {string[]} profiles
   */
  offer(deployments, profiles) {
    this.target.replaceChildren(
      ...group("Deployments", deployments, "deployment"),
      ...group("Routing profiles", profiles, "profile"),
      option("Other deployment…", OTHER, "deployment"),
    );
    this.#changed(this.target);
  }

  get hasPrompt() {
    return this.prompt.value.trim() !== "";
  }

  /**
   * What the form says now, with what is not valid left out.
   *
   * @param {{ prompt: string } | { messages: import("./call.js").Message[] }} asked
   * @returns {Call}
   */
  call(asked) {
    if (this.#profile) {
      const profile = this.target.value;
      return { kind: "profile", profile, request: { ...asked, profile } };
    }
    const deployment = this.target.value === OTHER ? this.deployment.value.trim() : this.target.value;
    return { kind: "deployment", deployment, request: { ...asked, ...this.parameters } };
  }

  /** @returns {Record<string, number>} */
  get parameters() {
    const valid = this.numbers.filter((input) => input.value !== "" && isValid(input));
    return Object.fromEntries(valid.map((input) => [input.name, input.valueAsNumber]));
  }

  /** After the fields were filled from outside. */
  slide() {
    for (const slider of this.sliders) {
      const { value } = this.#fieldOf(slider);
      slider.classList.toggle("unset", value === "");
      if (value !== "") slider.value = value;
    }
  }

  /** Several targets at once are deployments: each takes the parameters. @param {boolean} several */
  several(several) {
    this.#several = several;
    this.#changed(this.target);
  }

  /** Shows what is wrong, and puts the focus on the first of it. */
  validate() {
    const bad = [this.deployment, ...this.numbers].filter((input) => !this.#check(input));
    bad[0]?.focus();
    return bad.length === 0;
  }

  get #profile() {
    return !this.#several && this.target.selectedOptions[0]?.dataset.kind === "profile";
  }

  /** @param {HTMLInputElement} input */
  #check(input) {
    let problem = "";
    if (input === this.deployment) {
      const missing = !this.#several && this.target.value === OTHER && input.value.trim() === "";
      if (missing) problem = "Deployment id is missing: type the id of a deployment.";
    } else if (!this.#profile && !isValid(input)) {
      problem = `${input.name} must be ${input.dataset.rule}.`;
    }
    const place = /** @type {HTMLElement} */ (this.form.querySelector(`#${input.id}-problem`));
    place.textContent = problem;
    place.hidden = problem === "";
    input.ariaInvalid = problem === "" ? null : "true";
    return problem === "";
  }

  /** @param {HTMLInputElement} slider */
  #fieldOf(slider) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(slider.dataset.of ?? ""));
  }

  /** @param {EventTarget | null} changed */
  #changed(changed) {
    if (changed instanceof HTMLInputElement && this.sliders.includes(changed)) {
      const field = this.#fieldOf(changed);
      field.value = changed.value;
      if (field.ariaInvalid) this.#check(field);
    }
    this.slide();
    if (changed === this.target) {
      // Before anything is offered there is no choice to have been made.
      const other = !this.#several && this.target.selectedOptions[0]?.value === OTHER;
      /** @type {HTMLElement} */ (this.form.querySelector("#other")).hidden = !other;
      this.sampling.disabled = this.#profile;
      /** @type {HTMLElement} */ (this.form.querySelector("#sampling-note")).textContent = this.#profile
        ? "The router chooses the model and how it samples."
        : "An empty field is left out of the request.";
      this.#clear();
    } else if (changed instanceof HTMLInputElement && changed.ariaInvalid) {
      this.#check(changed);
    }
  }

  #clear() {
    for (const problem of this.form.querySelectorAll(".problem"))
      /** @type {HTMLElement} */ (problem).hidden = true;
    for (const input of this.form.querySelectorAll("input")) input.ariaInvalid = null;
  }
}

/**
 * The step of a field is what its arrows add; only where that is 1 is it a rule.
 *
 * @param {HTMLInputElement} input
 */
function isValid({ step, validity }) {
  const { badInput, rangeUnderflow, rangeOverflow, stepMismatch } = validity;
  return !(badInput || rangeUnderflow || rangeOverflow || (stepMismatch && step === "1"));
}

/**
 * @param {string} label
 * @param {string[]} ids
 * @param {string} kind
 */
function group(label, ids, kind) {
  if (ids.length === 0) return [];
  const element = document.createElement("optgroup");
  element.label = label;
  element.append(...ids.map((id) => option(id, id, kind)));
  return [element];
}

/**
 * @param {string} label
 * @param {string} value
 * @param {string} kind
 */
function option(label, value, kind) {
  const element = new Option(label, value);
  element.dataset.kind = kind;
  return element;
}
