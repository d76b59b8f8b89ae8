// A row of tabs as the ARIA practices have it: one stop of the Tab key, arrows between them.

/**
 * @param {HTMLElement} list its buttons carry the value in `data-value`
 * @param {(value: string) => void} choose
 * @returns {(value: string) => void} selects one without telling
 */
export function tabs(list, choose) {
  const all = /** @type {HTMLButtonElement[]} */ ([...list.querySelectorAll("[role=tab]")]);
  /** @param {string} value */
  const select = (value) => {
    for (const tab of all) {
      const on = tab.dataset.value === value;
      tab.ariaSelected = String(on);
      tab.tabIndex = on ? 0 : -1;
    }
  };
  for (const tab of all) {
    tab.addEventListener("click", () => {
      select(tab.dataset.value ?? "");
      choose(tab.dataset.value ?? "");
    });
  }
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    const next = all[(at + step + all.length) % all.length];
    next.focus();
    next.click();
  });
  return select;
}
