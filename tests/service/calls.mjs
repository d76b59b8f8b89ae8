// The calls these tests make: plain fetch calls as any client would send them, and an answer taken apart by
// hand.

const BASE = "https://api.purerouter-api.com";

/** One deployment "a" that says "Hello big world", unless told otherwise. */
export const HELLO = { text: "Hello big world" };

export function post(service, path, body, init = {}) {
  return service.fetch(BASE + path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-router-key": "sk_test" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

export function get(service, path, init = {}) {
  return service.fetch(BASE + path, init);
}

export function invoke(service, body = { prompt: "Hi." }, init = {}, id = "a") {
  return post(service, `/v1/deployments/${id}/invoke`, body, init);
}

export function stream(service, body = { prompt: "Hi." }, init = {}, id = "a") {
  return invoke(service, { ...body, stream: true }, init, id);
}

/** The events of a complete body, as `{ event, data }`, `data` being parsed unless it is `[DONE]`. */
export async function events(response) {
  return parseEvents(await response.text());
}

export function parseEvents(text) {
  const blocks = text.split("\n\n");
  if (blocks.pop() !== "") throw new Error(`The body ends inside an event: ${text.slice(-80)}`);
  return blocks.map((block) => {
    const fields = block.split("\n").map((line) => line.match(/^(\w+): (.*)$/s).slice(1));
    const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
    const { event = "message" } = Object.fromEntries(fields);
    return { event, data: data[0] === "[DONE]" ? "[DONE]" : JSON.parse(data.join("\n")) };
  });
}

export function texts(all) {
  return all.map(
    ({ data }) => data.choices?.[0]?.text ?? data.choices?.[0]?.delta?.content ?? data.output_text,
  );
}

/** Polls, since what is waited for may be on the far side of a socket. */
export async function until(condition, what) {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Waited in vain until ${what}`);
}
