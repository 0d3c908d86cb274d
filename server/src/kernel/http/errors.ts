/** The one error type of the wire and the catalogue of general errors (spec/http.md 9). */

export interface ErrorSource {
  pointer?: string;
  parameter?: string;
  header?: string;
}

/** One member of a document's `errors`. `about` is a path below the documentation's base, made a URL when the document is written. */
export interface ErrorObject {
  title: string;
  detail: string;
  code?: string;
  source?: ErrorSource;
  about?: string;
  redirect?: string;
}

interface Row {
  status: number;
  title?: string;
  detail?: string;
  code?: string;
  about?: string;
  source?: ErrorSource;
  /** Raised before the request reached its route: no `meta`, no signature, no Keygen-* headers, not logged. */
  early?: boolean;
}

/** Title and default detail per status (spec/http.md 9.2). */
const statuses: Record<number, { title: string; detail: string }> = {
  400: { title: 'Bad request', detail: 'The request could not be completed' },
  401: { title: 'Unauthorized', detail: 'You must be authenticated to complete the request' },
  402: { title: 'Payment required', detail: 'The request could not be completed' },
  403: { title: 'Access denied', detail: 'You do not have permission to complete the request' },
  404: { title: 'Not found', detail: 'The requested endpoint was not found (check your HTTP method, Accept header, and URL path)' },
  405: { title: 'Not supported', detail: 'The request could not be completed' },
  409: { title: 'Conflict', detail: 'The request could not be completed because of a conflict' },
  413: { title: 'Payload too large', detail: 'The request could not be completed because its body is too large' },
  422: { title: 'Unprocessable entity', detail: 'The request could not be completed' },
  429: { title: 'Too many requests', detail: '' },
  500: { title: 'Internal server error', detail: '' },
  503: { title: 'Service unavailable', detail: '' },
};

const tokenDocs = 'authentication/#token-authentication';
const licenseDocs = 'authentication/#license-authentication';
const authorization = { header: 'Authorization' };
const otp = { pointer: '/meta/otp' };
const idempotency = 'idempotency/';
const idempotencyKey = { header: 'Idempotency-Key' };

/** Every general error. `code` is the row's name unless the row says otherwise; an empty code is left out. */
const catalogue = {
  JSON_INVALID: { status: 400, early: true, detail: 'The request could not be completed because it contains invalid JSON (check formatting/encoding)' },
  ENCODING_INVALID: { status: 400, detail: 'The request could not be completed because it contains an invalid byte sequence (check encoding)' },
  NULL_BYTE: {
    status: 400,
    code: 'ENCODING_INVALID',
    detail: 'The request could not be completed because it contains an unexpected null byte (check encoding)',
  },
  PARAMETERS_INVALID: { status: 400, early: true, detail: 'The request could not be completed because it contains invalid query parameters (check encoding)' },
  URI_INVALID: {
    status: 400,
    early: true,
    detail: 'The request could not be completed because the URI was invalid (please ensure non-URL safe chars are properly encoded)',
  },
  HTTP_METHOD_INVALID: { status: 400, early: true, detail: 'The HTTP method for the request is not valid' },
  MIME_TYPE_INVALID: { status: 400, early: true, detail: 'The mime type of the request is not acceptable (check content-type and accept headers)' },
  INVALID_API_VERSION: { status: 400, detail: 'unsupported API version requested', about: 'versioning/' },
  ENVIRONMENT_INVALID: { status: 400, detail: 'environment is invalid', source: { header: 'Keygen-Environment' } },
  IDEMPOTENCY_KEY_INVALID: { status: 400, detail: 'is too long (maximum is 255 characters) or blank', about: idempotency, source: idempotencyKey },
  BAD_REQUEST: { status: 400, code: '' },
  INTEGER_TOO_LARGE: { status: 400, code: '', detail: 'integer is too large' },

  TOKEN_MISSING: { status: 401, about: 'authentication/' },
  TOKEN_INVALID: { status: 401, about: tokenDocs },
  TOKEN_FORMAT_INVALID: {
    status: 401,
    about: tokenDocs,
    detail: "Token format is invalid (make sure that you're providing a token value, not a token's UUID identifier)",
  },
  TOKEN_EXPIRED: { status: 401, detail: 'Token is expired' },
  LICENSE_INVALID: { status: 401, about: licenseDocs },
  SESSION_INVALID: { status: 401 },
  SESSION_EXPIRED: { status: 401, detail: 'Session is expired' },
  EMAIL_REQUIRED: { status: 401, detail: 'email is required', source: authorization },
  EMAIL_INVALID: { status: 401, detail: 'email must be valid', source: authorization },
  PASSWORD_REQUIRED: { status: 401, detail: 'password is required', source: authorization },
  PASSWORD_INVALID: { status: 401, detail: 'password must be valid', source: authorization },
  PASSWORD_NOT_SUPPORTED: { status: 401, detail: 'password is unsupported', source: authorization },
  SSO_REQUIRED: { status: 401, detail: 'single sign on is required', source: authorization },
  SSO_NOT_SUPPORTED: { status: 401, detail: 'single sign on is unsupported', source: authorization },
  OTP_REQUIRED: { status: 401, detail: 'second factor is required', source: otp },
  OTP_INVALID: { status: 401, detail: 'second factor must be valid', source: otp },
  UNAUTHORIZED: { status: 401, code: '' },

  FORBIDDEN: { status: 403, code: '' },
  TOKEN_NOT_ALLOWED: { status: 403, detail: 'Token authentication is not allowed by policy', about: tokenDocs },
  LICENSE_NOT_ALLOWED: { status: 403, detail: 'License key authentication is not allowed by policy', about: licenseDocs },
  SESSION_NOT_ALLOWED: { status: 403, detail: 'Session authentication is not allowed by policy' },
  USER_BANNED: { status: 403, detail: 'User is banned' },
  LICENSE_BANNED: { status: 403, detail: 'License is banned' },
  LICENSE_SUSPENDED: { status: 403, detail: 'License is suspended' },
  LICENSE_EXPIRED: { status: 403, detail: 'License is expired' },
  SUBSCRIPTION_INACTIVE: {
    status: 403,
    code: '',
    title: 'Account does not have an active subscription',
    detail: 'must have an active subscription to access this resource',
  },
  DAILY_LIMIT_REACHED: { status: 402, code: '', title: 'Daily API request limit reached' },
  ADDRESS_BLOCKED: {
    status: 403,
    code: '',
    early: true,
    title: 'Forbidden',
    detail: 'Your IP address has been temporarily blacklisted due to abusive behavior. Please see {docs}/rate-limiting/ for more info.',
  },

  NOT_FOUND: { status: 404 },
  NOT_SUPPORTED: { status: 405, code: '' },
  CONFLICT: { status: 409, code: '' },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    detail: 'The first request with this idempotency key is still being worked on (send it again later)',
    about: idempotency,
    source: idempotencyKey,
  },
  BODY_TOO_LARGE: { status: 413, early: true },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    detail: 'was used before for another request (each request needs a key of its own)',
    about: idempotency,
    source: idempotencyKey,
  },
  UNPROCESSABLE: { status: 422, code: '' },
  TOO_MANY_RECORDS: { status: 422, code: '', detail: 'too many records' },
  TOO_MANY_REQUESTS: {
    status: 429,
    early: true,
    detail: 'Throttle limit has been reached for your IP address. Please slow down. See {docs}/rate-limiting/ for more info.',
  },
  INTERNAL: {
    status: 500,
    code: '',
    detail: 'Looks like something went wrong! Our engineers have been notified. If you continue to have problems, please contact {support}.',
  },
  UNAVAILABLE: {
    status: 503,
    code: '',
    detail: 'Our services are currently unavailable. Please see {status} for our uptime status and contact {support} with any questions.',
  },
  TIMEOUT: {
    status: 503,
    code: '',
    early: true,
    title: 'Request timeout',
    detail: 'The request timed out because the server took too long to respond',
  },
} as const satisfies Record<string, Row>;

export type ErrorName = keyof typeof catalogue;

/** The catalogue, for tests and documentation. */
export const errorCatalogue: Record<string, Row> = catalogue;

/** What a client is told. Thrown anywhere below a route, written in one place (respond.ts). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly errors: ErrorObject[];
  readonly early: boolean;
  /** The catalogue's row that it was made from, if it was: what code may branch on. */
  readonly kind: ErrorName | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, errors: ErrorObject[], options: { early?: boolean; kind?: ErrorName; headers?: Record<string, string> } = {}) {
    // where it was thrown tells nobody anything, and to find out took a tenth of what a refused request costs
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(`${status} ${errors.map((e) => e.code ?? e.detail).join(', ')}`);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.errors = errors;
    this.early = options.early ?? false;
    this.kind = options.kind;
    this.headers = options.headers ?? {};
  }
}

/** An error of the catalogue; `extra` replaces what the row says. */
export function apiError(name: ErrorName, extra: Partial<Omit<ErrorObject, 'code'>> & { headers?: Record<string, string>; early?: boolean } = {}): ApiError {
  const row: Row = catalogue[name];
  const { headers, early, ...members } = extra;
  const status = statuses[row.status]!;
  const error: ErrorObject = { title: row.title ?? status.title, detail: row.detail ?? status.detail };
  const code = row.code ?? name;
  if (code) error.code = code;
  if (row.source) error.source = row.source;
  if (row.about) error.about = row.about;
  return new ApiError(row.status, [Object.assign(error, members)], { early: early ?? row.early, kind: name, headers });
}

/** 404 for a record (spec/http.md 9.7). @param noun as the spec lists them @param identifier as the client wrote it; left out, it is not quoted */
export function notFound(noun: string, identifier?: string): ApiError {
  const quoted = identifier === undefined ? '' : ` '${identifier}'`;
  return apiError('NOT_FOUND', { detail: `The requested ${noun}${quoted} was not found` });
}

/** 403 with a reason in parentheses (spec/auth.md 10.6). */
export function denied(reason: string, source?: ErrorSource): ApiError {
  return apiError('FORBIDDEN', { detail: `You do not have permission to complete the request (${reason})`, ...(source && { source }) });
}

/** 400 of the parameter check (spec/http.md 5.1). */
export function badParameter(detail: string, source: ErrorSource): ApiError {
  return apiError('BAD_REQUEST', { detail, source });
}

/** 422 by the rule of an action (spec/http.md 10.6). */
export function unprocessable(detail: string, source?: ErrorSource): ApiError {
  return apiError('UNPROCESSABLE', { detail, ...(source && { source }) });
}
