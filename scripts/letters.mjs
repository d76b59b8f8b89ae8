// How the wasm travels inside a string of the default entry, which reads it back (pkg-template/index.js).
//
// One letter a byte for the 90 commonest bytes of this very file, two for the others. What compresses well then stays
// as it is, byte by byte: gzip makes of it what it makes of the wasm itself, where hexadecimal costs a download 10 %
// and base64 30 %. All letters are ASCII, since bundlers escape others, and none ends a string or a script element.

const ALPHABET = Array.from({ length: 127 - 35 }, (_, i) => String.fromCharCode(35 + i)).filter(
  (letter) => letter !== "<" && letter !== "\\",
);

/**
 * @param {Uint8Array} bytes
 * @returns {{ common: string, letters: string }} `common`: the bytes of one letter, in hexadecimal
 */
export function toLetters(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const byCount = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  const common = byCount.slice(0, ALPHABET.length);
  const order = [...common, ...byCount.slice(ALPHABET.length).sort((a, b) => a - b)];
  const written = new Array(256);
  for (const [i, byte] of order.entries()) {
    const lead = ["", " ", "!"][Math.floor(i / ALPHABET.length)];
    written[byte] = lead + ALPHABET[i % ALPHABET.length];
  }
  return {
    common: Buffer.from(common).toString("hex"),
    letters: Array.from(bytes, (byte) => written[byte]).join(""),
  };
}
