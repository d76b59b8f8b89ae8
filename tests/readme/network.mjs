// In the place of the network, for an example that is run by Node: loaded before it (`node --import`), so that the
// example itself stays as a reader copies it. The service answers at any address, and only to KEY.

import { createService } from "../../pkg/testing.js";

export const KEY = "sk_example";
export const STORY = ["Once ", "upon ", "a time."];

/** @param {import("../../pkg/testing.js").DeploymentBehaviour} [behaviour] a fault, where the example is about one */
export function exampleService(behaviour) {
  const deployments = { "primary-id": { text: STORY, ...behaviour }, "backup-id": { text: STORY } };
  return createService({ deployments, profiles: { balanced: { text: STORY } }, keys: [KEY] });
}

const { EXAMPLE_BEHAVIOUR } = process.env;
if (EXAMPLE_BEHAVIOUR !== undefined) globalThis.fetch = exampleService(JSON.parse(EXAMPLE_BEHAVIOUR)).fetch;
