// The service of a plain `npm start`: answers a real model once gave, replayed at the pace it gave them. It needs
// no key, no network and no GPU, and is the package's own `purerouter/testing`.

/** Whose answers, and how much faster they come than they were generated. */
const speeds = { "smollm2-135m": 1, "smollm2-135m-fast": 4, "smollm2-135m-slow": 0.25 };

export const embeddedDeployments = Object.keys(speeds);

/** @returns {Promise<{ fetch: (request: Request) => Promise<Response>, prompts: string[] }>} what it answers best */
export async function embeddedService() {
  // Only after the build is it there.
  const { createService, recorded, recordings } = await import("../../pkg/testing.js");
  const deployments = Object.entries(speeds).map(([id, speed]) => [id, { text: recorded({ speed }) }]);
  const service = createService({
    deployments: Object.fromEntries(deployments),
    profiles: { balanced: { text: recorded() } },
  });
  const prompts = recordings.map((recording) => recording.prompt);
  return {
    prompts,
    fetch(request) {
      // Kept for tests to look at; here nobody does.
      service.requests.length = 0;
      return service.fetch(request);
    },
  };
}
