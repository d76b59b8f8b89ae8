// What stands behind the page: the server says which ids it offers and, honestly, what it is that answers.

/**
 * @typedef {{
 *   deployments: string[],
 *   profiles: string[],
 *   note: string,
 *   prompts?: string[],
 * }} Config `note` is what answers, in words; `prompts` are those it is known to have an answer to.
 */

/** @returns {Promise<Config>} rejects where no gateway serves this page */
export async function readConfig() {
  const response = await fetch("/config.json");
  if (!response.ok)
    throw new Error(`GET /config.json answered ${response.status}: is the page served by npm start?`);
  return response.json();
}
