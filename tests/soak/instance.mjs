// The wasm instance that the package makes, and what stands in it: every JavaScript value that it refers to, and every open
// decoder. Imported before the package, which tells nobody about its memory.

const instances = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};

function wasm() {
  if (instances.length !== 1) throw new Error(`The package made ${instances.length} wasm instances, not one`);
  return instances[0].exports;
}

export const wasmBytes = () => wasm().memory.buffer.byteLength;

/** How many JavaScript values the wasm refers to, `undefined` among them; a free place of its table holds `null`. */
export function references() {
  const table = wasm().__wbindgen_externrefs;
  let count = 0;
  for (let i = 0; i < table.length; i++) if (table.get(i) !== null) count += 1;
  return count;
}

/** How long that table is: it never shrinks, and a place that is lost is lost for good. */
export const places = () => wasm().__wbindgen_externrefs.length;

/** How many decoders are open. A number at which none is has no buffer either. */
export function decoders() {
  const { decoder_reserve } = wasm();
  let count = 0;
  for (let slot = 0; slot < 4096; slot++) if (decoder_reserve(slot, 0) !== 0) count += 1;
  return count;
}
