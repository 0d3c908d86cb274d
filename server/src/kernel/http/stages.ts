/** What happens to a request between its parsing and its route, in the order of spec/http.md 15. Each stage finds something out, or throws. */
import { type AcceptedSignature, parseAcceptSignature } from '../crypto/response-signature.ts';
import { isApiVersion } from '../versions/supported.ts';
import type { Context } from './context.ts';
import { apiError } from './errors.ts';

/** What the resources behind the stages provide; app.ts plugs them in. */
export interface Gates {
  /** Sets `account`. @throws {ApiError} 404 (spec/http.md 1.2) */
  account(context: Context): Promise<void>;
  /** Sets `environment`. @throws {ApiError} 400 (spec/http.md 14) */
  environment(context: Context): Promise<void>;
  /** Subscription and daily limit. @throws {ApiError} 403, 402 (spec/http.md 9.6) */
  state(context: Context): Promise<void>;
  /** Sets `bearer` and `token`. @throws {ApiError} 401, 403 (spec/auth.md 2) */
  authenticate(context: Context): Promise<void>;
}

type Stage = (context: Context, gates: Gates) => Promise<void> | void;

/** Step 5. The header, else the account's, else the newest (spec/http.md 13.2): the account's is applied once it is known. */
const versionOfHeader: Stage = (context) => {
  const sent = context.headers['keygen-version'];
  if (sent === undefined) return;
  context.version = sent.replace(/^v/, '');
  if (!isApiVersion(context.version)) throw apiError('INVALID_API_VERSION');
};

/** Step 6. */
const account: Stage = async (context, gates) => {
  await gates.account(context);
  if (context.headers['keygen-version'] !== undefined || context.account.apiVersion === null) return;
  context.version = context.account.apiVersion;
  if (!isApiVersion(context.version)) throw apiError('INVALID_API_VERSION');
};

/** Step 7. */
const environment: Stage = (context, gates) => gates.environment(context);

/** Step 8. A refusal still decides which signature headers its 400 carries. */
const acceptSignature: Stage = (context) => {
  const accepted: AcceptedSignature = parseAcceptSignature(context.headers['keygen-accept-signature'], context.account.id);
  context.signature = accepted;
  if ('refused' in accepted) throw apiError('BAD_REQUEST', { detail: accepted.detail });
};

/** Step 9. */
const state: Stage = (context, gates) => (context.route.gated ? gates.state(context) : undefined);

/** Step 10. */
const authenticate: Stage = async (context, gates) => {
  if (context.route.auth === 'none') return;
  await gates.authenticate(context);
};

/** A route of an older version: to newer ones there is none, though its account counts as resolved (spec/http.md 13.6). */
const exists: Stage = (context) => {
  const { until } = context.route;
  if (until !== undefined && context.version > until) throw apiError('NOT_FOUND');
};

/** Where no route matched: nothing is refused any more, but the account is found where it can be, for the request logs (spec/events.md 7.2). */
const unmatched: Stage = async (context, gates) => {
  const version = context.headers['keygen-version']?.replace(/^v/, '') ?? '';
  if (isApiVersion(version)) context.version = version;
  await gates.account(context).catch(() => {});
};

/** For routes with an account, and for those without (spec/http.md 1.4). */
export const stages: readonly Stage[] = [versionOfHeader, account, exists, environment, acceptSignature, state, authenticate];
export const stagesWithoutAccount: readonly Stage[] = [versionOfHeader];
export const stagesWithoutRoute: readonly Stage[] = [unmatched];
