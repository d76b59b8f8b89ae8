// The service's error answers. One shape for all of them, on the wire as in a stream's error event:
// `{"error":{"message":…,"type":…,"code":…}}`, where `code` is the HTTP status.

/** @type {Record<number, string>} */
const TYPES = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  405: "method_not_allowed_error",
  409: "conflict_error",
  429: "rate_limit_error",
  503: "unavailable_error",
};

/**
 * @param {number} status
 * @param {string} message
 */
export function errorBody(status, message) {
  const type = TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  return { error: { message, type, code: status } };
}

/** Thrown where a request is refused; the service turns it into the answer. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {Record<string, string>} [headers]
   */
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
