// The parts of the page by their ids, as what they are.

/** @param {string} id */
export const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id */
export const button = (id) => /** @type {HTMLButtonElement} */ (part(id));

/** @param {string} id */
export const input = (id) => /** @type {HTMLInputElement} */ (part(id));

/** @param {string} id */
export const choice = (id) => /** @type {HTMLSelectElement} */ (part(id));
