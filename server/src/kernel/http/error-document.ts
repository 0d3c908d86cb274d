/** The one place where errors become wire data (spec/http.md 9). */
import { conflict, connectionLost, foreignKeyViolation, invalidText, lockNotAvailable, numericOutOfRange, uniqueViolation } from '../database/errors.ts';
import type { Names } from '../names.ts';
import { ApiError, apiError, type ErrorObject } from './errors.ts';
import { WireError } from './wire-error.ts';

/** Database errors that clients can cause, in the order in which they are recognised. */
const fromDatabase: readonly (readonly [(error: unknown) => unknown, () => ApiError])[] = [
  [(error) => uniqueViolation(error) !== undefined || foreignKeyViolation(error) !== undefined, () => apiError('CONFLICT')],
  [(error) => conflict(error) || lockNotAvailable(error), () => apiError('CONFLICT')],
  [numericOutOfRange, () => apiError('INTEGER_TOO_LARGE')],
  [invalidText, () => apiError('NULL_BYTE')],
  [connectionLost, () => apiError('UNAVAILABLE')],
];

/** What a client is told of anything that was thrown. `unexpected`: a bug, to be logged. */
export function asApiError(error: unknown): { error: ApiError; unexpected: boolean } {
  if (error instanceof ApiError) return { error, unexpected: false };
  if (error instanceof WireError) return { error: apiError(error.code, { early: true }), unexpected: false };
  const known = fromDatabase.find(([recognises]) => recognises(error));
  return known ? { error: known[1](), unexpected: false } : { error: apiError('INTERNAL'), unexpected: true };
}

const filled = (text: string, names: Names): string => text.replace('{docs}', names.docs).replace('{support}', names.support).replace('{status}', names.status);

const written = ({ title, detail, code, source, about, redirect }: ErrorObject, names: Names) => ({
  title,
  detail: filled(detail, names),
  ...(code !== undefined && { code }),
  ...(source && { source }),
  ...((about !== undefined || redirect !== undefined) && {
    links: { ...(about !== undefined && { about: `${names.docs}/${about}` }), ...(redirect !== undefined && { redirect }) },
  }),
});

export interface ErrorDocument {
  errors: ReturnType<typeof written>[];
  meta?: { id: string };
}

/** @param requestId left out on early errors */
export const errorDocument = (error: ApiError, names: Names, requestId?: string): ErrorDocument => ({
  errors: error.errors.map((item) => written(item, names)),
  ...(requestId !== undefined && { meta: { id: requestId } }),
});

/** The words that stand for an error where the client reads HTML (spec/http.md 3.3). */
const phrases: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Supported',
  409: 'Conflict',
  422: 'Unprocessable Entity',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
export const phraseOf = (status: number): string => phrases[status] ?? 'Error';
