// Any OpenAI-compatible server (llama.cpp, Ollama, vLLM) as a PureRouter service: paths and the shape of a whole
// answer are translated, streams pass as they come, for their events are of the same shape already. A deployment's
// id is the server's name of a model. It checks no request: the server behind it does.

/**
 * @typedef {Record<string, any>} Json
 * @typedef {object} Upstream
 * @property {(request: Request) => Promise<Response>} fetch
 * @property {(signal?: AbortSignal) => Promise<string[]>} models the ids it serves; rejects when it is not there
 */

/**
 * @param {string | URL} url with or without `/v1`
 * @returns {Upstream}
 */
export function createUpstream(url) {
  const base = String(url).replace(/\/+$/, "").replace(/\/v1$/, "");

  /** @param {AbortSignal} [signal] */
  async function models(signal) {
    const response = await fetch(`${base}/v1/models`, { signal });
    const list = response.ok ? await response.json() : undefined;
    await response.body?.cancel().catch(() => {});
    return (list?.data ?? []).map((/** @type {Json} */ model) => model.id);
  }

  /** @param {Json} body @param {Request} request */
  async function complete(body, request) {
    const { prompt = body.input ?? body.inputs, input: _, inputs: __, ...rest } = body;
    if (body.messages) return post("/v1/chat/completions", rest, request);
    const response = await post("/v1/completions", { ...rest, prompt }, request);
    if (response.status !== 404 && response.status !== 405 && response.status !== 501) return response;
    // A server for chats only.
    await response.body?.cancel();
    const messages = [{ role: "user", content: prompt }];
    return post("/v1/chat/completions", { ...rest, messages }, request);
  }

  /** @param {string} path @param {Json} body @param {Request} request */
  function post(path, body, { headers, signal }) {
    const accept = headers.get("accept") ?? "*/*";
    return fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json", accept },
      body: JSON.stringify(body),
      signal,
    });
  }

  /** @param {string} id @param {Request} request */
  async function invoke(id, request) {
    const response = await complete({ ...(await readBody(request)), model: id }, request);
    return isAnswer(response) ? Response.json(withText(await response.json())) : passOn(response);
  }

  /** @param {Request} request */
  async function infer(request) {
    const started = performance.now();
    const { profile = null, ...body } = await readBody(request);
    const [model] = await models(request.signal);
    const response = await complete({ ...body, model }, request);
    if (!isAnswer(response)) return passOn(response);
    const raw = withText(await response.json());
    return Response.json({
      output_text: raw.choices?.[0]?.text ?? "",
      provider: "upstream",
      model_id: raw.model ?? model,
      task: "text-generation",
      profile,
      latency_ms: Math.round(performance.now() - started),
      usage: raw.usage ?? null,
      cost_usd: null,
      raw,
    });
  }

  /** @param {Request} request */
  function answer(request) {
    const { pathname } = new URL(request.url);
    const id = /^\/v1\/deployments\/([^/]+)\/invoke$/.exec(pathname)?.[1];
    const method = pathname === "/v1/health" ? "GET" : "POST";
    if (id === undefined && pathname !== "/v1/infer" && pathname !== "/v1/health") {
      throw new Refusal(404, `There is no ${pathname} here`);
    }
    if (request.method !== method)
      throw new Refusal(405, `${pathname} answers ${method}, not ${request.method}`);
    if (id !== undefined) return invoke(decodeURIComponent(id), request);
    if (pathname === "/v1/infer") return infer(request);
    return models(request.signal).then((ids) => Response.json({ status: "ok", models: ids }));
  }

  return {
    models,
    async fetch(request) {
      try {
        return await answer(request);
      } catch (error) {
        if (request.signal.aborted) throw error;
        if (error instanceof Refusal) return refuse(error.status, error.message);
        return refuse(502, `The server at ${base} cannot be reached: ${reason(error)}`);
      }
    },
  };
}

class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @param {number} status @param {string} message */
function refuse(status, message) {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  return Response.json({ error: { message, type, code: status } }, { status });
}

/** @param {Request} request @returns {Promise<Json>} */
async function readBody(request) {
  const text = await request.text();
  try {
    const body = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  } catch {
    // The same answer as for JSON that is no object.
  }
  throw new Refusal(400, "The request body must be a JSON object");
}

/** @param {Response} response a whole answer, whose shape can be completed */
const isAnswer = ({ ok, headers }) => ok && /^application\/json\b/i.test(headers.get("content-type") ?? "");

/**
 * A chat's answer has its text in `message`; a deployment's has it in `text`.
 * @param {Json} answer
 */
function withText(answer) {
  for (const choice of answer.choices ?? []) choice.text ??= choice.message?.content ?? "";
  return answer;
}

/** @param {Response} response */
function passOn({ status, headers, body }) {
  const kept = new Headers();
  for (const name of ["content-type", "retry-after", "retry-after-ms", "x-request-id"]) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return new Response(body, { status, headers: kept });
}

/** @param {any} error fetch says only "fetch failed" and keeps what happened in its cause */
export const reason = (error) =>
  error?.cause?.code ?? error?.cause?.message ?? error?.message ?? String(error);
