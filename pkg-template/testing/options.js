// Checks the options of createService. A misspelt fault would otherwise make a test pass for the wrong
// reason, so everything unknown or of a wrong type throws, with the path of the field.

/** @typedef {import("../testing.js").DeploymentBehaviour} DeploymentBehaviour */
/** @typedef {import("../testing.js").ServiceOptions} ServiceOptions */

/**
 * @typedef {object} CheckedOptions
 * @property {Map<string, DeploymentBehaviour>} deployments
 * @property {Map<string, DeploymentBehaviour> | undefined} profiles
 * @property {Set<string> | undefined} keys
 * @property {"event" | number} chunking
 */

/**
 * Throws unless the value is good; `path` names the field.
 *
 * @typedef {(value: any, path: string) => void} Check
 */

/** @type {{ [Field in keyof Required<DeploymentBehaviour>]: Check }} */
const BEHAVIOUR = {
  text: checkText,
  tokensPerSecond: number("a number greater than 0", (value) => value > 0),
  usage: checkUsage,
  status: number(
    "a whole number from 200 to 599",
    (value) => Number.isInteger(value) && value >= 200 && value < 600,
  ),
  times: number("a whole number, 0 or more", (value) => value === Infinity || isCount(value)),
  body: checkBody,
  headers: checkHeaders,
  retryAfter: number("a number of seconds, 0 or more", (value) => value >= 0 && value !== Infinity),
  stallHeaders: number("a number of milliseconds, 0 or more", (value) => value >= 0),
  cutAfter: number("a whole number of events, 0 or more", isCount),
  stallAfter: number("a whole number of events, 0 or more", isCount),
  errorAfter: number("a whole number of events, 0 or more", isCount),
  noDone: checkBoolean,
};

/**
 * @param {unknown} options
 * @returns {CheckedOptions}
 */
export function checkOptions(options) {
  checkObject(options, "The options of createService");
  const {
    deployments,
    profiles,
    keys,
    chunking = "event",
    ...unknown
  } = /** @type {ServiceOptions} */ (options);
  refuseUnknown(Object.keys(unknown), "createService", ["deployments", "profiles", "keys", "chunking"]);
  if (deployments === undefined)
    throw new TypeError("`deployments` is missing: give at least one, by its id.");
  const checked = {
    deployments: checkBehaviours(deployments, "deployments"),
    profiles: profiles === undefined ? undefined : checkBehaviours(profiles, "profiles"),
    keys: keys === undefined ? undefined : checkKeys(keys),
    chunking: checkChunking(chunking),
  };
  if (checked.deployments.size === 0 && !checked.profiles?.size) {
    throw new RangeError("`deployments` is empty: give at least one, by its id.");
  }
  return checked;
}

/**
 * @param {unknown} value
 * @param {string} path
 * @returns {Map<string, DeploymentBehaviour>}
 */
function checkBehaviours(value, path) {
  checkObject(value, `\`${path}\``);
  return new Map(
    Object.entries(/** @type {object} */ (value)).map(([id, behaviour]) => {
      if (id === "") throw new RangeError(`\`${path}\` has an entry without a name.`);
      return [id, checkBehaviour(behaviour, `${path}[${JSON.stringify(id)}]`)];
    }),
  );
}

/**
 * @param {unknown} value
 * @param {string} path
 * @returns {DeploymentBehaviour}
 */
function checkBehaviour(value, path) {
  checkObject(value, `\`${path}\``);
  const fields = Object.entries(/** @type {object} */ (value)).filter(([, field]) => field !== undefined);
  const unknown = fields.map(([name]) => name).filter((name) => !Object.hasOwn(BEHAVIOUR, name));
  refuseUnknown(unknown, `\`${path}\``, Object.keys(BEHAVIOUR));
  for (const [name, field] of fields) {
    BEHAVIOUR[/** @type {keyof DeploymentBehaviour} */ (name)](field, `${path}.${name}`);
  }
  return Object.fromEntries(fields);
}

/**
 * @param {string[]} unknown
 * @param {string} owner
 * @param {string[]} known
 */
function refuseUnknown(unknown, owner, known) {
  if (unknown.length === 0) return;
  throw new TypeError(`${owner} has no option \`${unknown[0]}\`. It has: ${known.join(", ")}.`);
}

/**
 * @param {string} expected
 * @param {(value: number) => boolean} isGood
 * @returns {Check}
 */
function number(expected, isGood) {
  return (value, path) => {
    const complaint = `\`${path}\` must be ${expected}, not ${describe(value)}.`;
    if (typeof value !== "number") throw new TypeError(complaint);
    if (!isGood(value)) throw new RangeError(complaint);
  };
}

/** @param {number} value */
function isCount(value) {
  return Number.isInteger(value) && value >= 0;
}

/** @type {Check} */
function checkText(value, path) {
  if (typeof value === "string" || typeof value === "function") return;
  if (Array.isArray(value) && value.every((delta) => typeof delta === "string")) return;
  throw new TypeError(
    `\`${path}\` must be a string, an array of strings or a function, not ${describe(value)}.`,
  );
}

/** @type {Check} */
function checkUsage(value, path) {
  if (value !== null) checkObject(value, `\`${path}\``);
}

/** @type {Check} */
function checkBody(value, path) {
  if (typeof value === "string") return;
  if (typeof value === "object" && value !== null) return;
  throw new TypeError(`\`${path}\` must be a string or an object to send as JSON, not ${describe(value)}.`);
}

/** @type {Check} */
function checkHeaders(value, path) {
  try {
    new Headers(value);
  } catch (error) {
    throw new TypeError(`\`${path}\` cannot be sent: ${/** @type {Error} */ (error).message}`);
  }
}

/** @type {Check} */
function checkBoolean(value, path) {
  if (typeof value !== "boolean")
    throw new TypeError(`\`${path}\` must be true or false, not ${describe(value)}.`);
}

/**
 * @param {unknown} value
 * @returns {Set<string>}
 */
function checkKeys(value) {
  if (!Array.isArray(value))
    throw new TypeError(`\`keys\` must be an array of strings, not ${describe(value)}.`);
  value.forEach((key, index) => {
    // The value stays out of the message: it may be a real key.
    if (typeof key !== "string" || key === "")
      throw new TypeError(`\`keys[${index}]\` must be a non-empty string.`);
  });
  return new Set(value);
}

/**
 * @param {unknown} value
 * @returns {"event" | number}
 */
function checkChunking(value) {
  if (value === "event") return value;
  if (value === "byte") return 1;
  const complaint = `\`chunking\` must be "event", "byte" or a number of bytes, not ${describe(value)}.`;
  if (typeof value !== "number") throw new TypeError(complaint);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(complaint);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} subject
 */
function checkObject(value, subject) {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw new TypeError(`${subject} must be an object, not ${describe(value)}.`);
}

/** @param {unknown} value */
function describe(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
