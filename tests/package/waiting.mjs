// Waiting, without guessing how fast the machine is: long deadlines that a passing test never reaches.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const DEADLINE_MS = 20_000;

/** Polls, since what is waited for may be on the far side of a socket. */
export async function until(condition, what) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await sleep(10);
  }
}

/** `promise`, or an error where it takes so long that it hangs. */
export async function settled(promise, ms = DEADLINE_MS) {
  let timer;
  const hung = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing came for ${ms} ms`)), ms);
  });
  return Promise.race([promise, hung]).finally(() => clearTimeout(timer));
}

/** The error that `promise` rejects with. */
export async function rejection(promise) {
  const nothing = {};
  const error = await settled(promise).then(
    () => nothing,
    (error) => error,
  );
  if (error === nothing) throw new Error("It resolved, and an error was expected");
  return error;
}

export async function collect(iterable) {
  const all = [];
  await settled(
    (async () => {
      for await (const item of iterable) all.push(item);
    })(),
  );
  return all;
}
