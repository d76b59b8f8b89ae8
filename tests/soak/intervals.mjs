// How many intervals are running. Imported before the package, which keeps the runtime's own functions.

const { setInterval, clearInterval } = globalThis;
const running = new Set();

globalThis.setInterval = (...args) => {
  const interval = setInterval(...args);
  running.add(Number(interval));
  return interval;
};

globalThis.clearInterval = (interval) => {
  clearInterval(interval);
  running.delete(Number(interval));
};

export const intervals = () => running.size;
