/** What can be wrong with a request before it reaches a route (spec/http.md 9.3, the early errors). */
export type WireCode = 'JSON_INVALID' | 'ENCODING_INVALID' | 'PARAMETERS_INVALID' | 'URI_INVALID' | 'MIME_TYPE_INVALID';

/** A request that cannot be read. `code` is the wire's; the message says what was wrong, for logs only. */
export class WireError extends Error {
  readonly code: WireCode;

  constructor(code: WireCode, message: string) {
    super(message);
    this.name = 'WireError';
    this.code = code;
  }
}
