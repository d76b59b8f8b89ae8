// `npm start`: the demo page, the gateway Worker in workerd and a service behind it, all on this machine, until it
// is interrupted.
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { command, CommandError } from "./command.mjs";

const usage = `npm start                          page, gateway and an embedded service on http://127.0.0.1:8787
npm start -- --upstream URL        any OpenAI-compatible server behind it (llama.cpp, Ollama, vLLM)
npm start -- --model smollm2       a real language model on this machine behind it
npm start -- --help                this text

PORT                    another port
PUREROUTER_KEY          puts the hosted service behind it, with this key
PUREROUTER_BASE_URL     where the hosted service is
PUREROUTER_DEPLOYMENTS  the deployment ids to offer, comma separated`;

const profiles = ["balanced"];

const STOP_WITHIN_MS = 5_000;

/**
 * What stands behind the gateway.
 * @typedef {object} Service
 * @property {import("./gateway/page.mjs").Config["service"]} kind
 * @property {string} note
 * @property {string} baseUrl
 * @property {string} routerKey
 * @property {string[] | null} allowed the gateway's allow-list; null admits any id
 * @property {() => string[] | Promise<string[]>} deployments the ids the page offers
 * @property {string[]} [prompts] those it is known to have an answer to
 * @property {() => unknown} close
 */

async function start() {
  const options = parseOptions();
  if (options.help) return console.log(usage);
  const port = parsePort(process.env.PORT ?? "8787");
  await build();

  const service = await openService(options);
  const { startGateway } = await import("./gateway/gateway.mjs");
  const gateway = await startGateway({
    port,
    baseUrl: service.baseUrl,
    routerKey: service.routerKey,
    deployments: service.allowed,
    config: async () => ({
      deployments: await service.deployments(),
      profiles,
      service: service.kind,
      note: service.note,
      prompts: service.prompts ?? [],
    }),
  });
  // In place of the handlers that end a command at once: workerd, the model and open streams are let go first.
  // A terminal signals the whole group and npm passes the signal on, so it may come twice.
  /** @type {Promise<void> | undefined} */
  let stopping;
  const stop = async () => {
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    await Promise.all([gateway.close(), service.close()]);
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.removeAllListeners(signal);
    process.on(signal, () => (stopping ??= stop()));
  }
  console.log(`\n${gateway.url}  (gateway in workerd; behind it: ${service.note})\nCtrl-C ends it.`);
}

function parseOptions() {
  try {
    const { values } = parseArgs({
      options: {
        upstream: { type: "string" },
        model: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.upstream !== undefined && values.model !== undefined) {
      throw new CommandError("--upstream and --model exclude each other");
    }
    if (values.upstream !== undefined && !isHttpUrl(values.upstream)) {
      throw new CommandError(`--upstream takes an http(s) URL, not "${values.upstream}"`);
    }
    if (values.model !== undefined && values.model !== "smollm2") {
      throw new CommandError(`--model knows smollm2, not "${values.model}"`);
    }
    return values;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const [problem] = String(/** @type {Error} */ (error).message).split(". ");
    throw new CommandError(`${problem}. There are --upstream URL, --model smollm2 and --help`);
  }
}

/** @param {string} text */
const isHttpUrl = (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** @param {string} text */
function parsePort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65536) return port;
  throw new CommandError(`PORT is "${text}": it has to be a number from 0 to 65535`);
}

/** @param {{ upstream?: string, model?: string }} options @returns {Promise<Service>} */
async function openService({ upstream, model }) {
  if (upstream !== undefined) return openUpstream(upstream);
  if (model !== undefined) return openModel();
  const { embeddedDeployments, embeddedService } = await import("./service/embedded.mjs");
  const { PUREROUTER_KEY: routerKey } = process.env;
  // Set to nothing is not set.
  const baseUrl = process.env.PUREROUTER_BASE_URL || "https://api.purerouter-api.com";
  if (!routerKey) {
    const note = "recorded answers of SmolLM2 135M";
    const { fetch, prompts } = await embeddedService();
    const service = await open({ kind: "embedded", note, deployments: embeddedDeployments, fetch });
    return { ...service, prompts };
  }
  const listed = process.env.PUREROUTER_DEPLOYMENTS?.split(",")
    .map((id) => id.trim())
    .filter(Boolean);
  return {
    kind: "hosted",
    note: `the service at ${baseUrl}`,
    baseUrl,
    routerKey,
    allowed: null,
    deployments: () => (listed?.length ? listed : embeddedDeployments),
    close() {},
  };
}

/** @param {string} url @returns {Promise<Service>} */
async function openUpstream(url) {
  const { createUpstream, reason } = await import("./service/upstream.mjs");
  const { fetch, models } = createUpstream(url);
  await models().catch((error) => {
    throw new CommandError(
      `No OpenAI-compatible server answers at ${url} (${reason(error)}): start it first`,
    );
  });
  const service = await open({ kind: "upstream", note: `the server at ${url}`, deployments: [], fetch });
  // Asked anew for each page, since such servers load models while they run.
  return { ...service, allowed: null, deployments: () => models().catch(() => []) };
}

/** @returns {Promise<Service>} */
async function openModel() {
  const { modelDeployments, modelService } = await import("./service/model.mjs");
  const { fetch, close } = await modelService();
  const note = "SmolLM2 135M, running on this machine";
  const service = await open({ kind: "model", note, deployments: modelDeployments, fetch });
  return { ...service, close: () => service.close().then(close) };
}

/**
 * Serves a fetch handler on a port of its own.
 * @param {Pick<Service, "kind" | "note"> & { deployments: string[], fetch: (request: Request) => Promise<Response> }} service
 */
async function open({ kind, note, deployments, fetch }) {
  const { serve } = await import("../tests/serve.mjs");
  const { url, close } = await serve(fetch);
  return {
    kind,
    note,
    baseUrl: url,
    // The gateway always has a key; this one never leaves the machine.
    routerKey: "local",
    allowed: deployments,
    deployments: () => deployments,
    close: /** @type {() => Promise<void>} */ (close),
  };
}

command(import.meta.url, start);
