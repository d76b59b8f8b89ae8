/**
 * A request the gateway does not pass on, thrown where that is found out. Its answer has the service's own JSON
 * error shape, so that a client needs one way to read errors, whoever made them.
 */

const TYPES = /** @type {Record<number, string>} */ ({
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
});

export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {Record<string, string>} [headers] */
  constructor(status, code, message, headers = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toResponse() {
    const type = TYPES[this.status] ?? (this.status < 500 ? "invalid_request_error" : "server_error");
    return new Response(JSON.stringify({ error: { message: this.message, type, code: this.code } }), {
      status: this.status,
      headers: { "content-type": "application/json", ...this.headers },
    });
  }
}
