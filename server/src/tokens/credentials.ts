/** What credentials a request carries: exactly one kind is chosen, without fallback (spec/auth.md 2). Pure. */
import { isUtf8 } from 'node:buffer';
import { headerText } from '../kernel/http/header-text.ts';
import type { Query } from '../kernel/http/query.ts';

export type Credentials =
  | { kind: 'none' }
  | { kind: 'token'; secret: string }
  | { kind: 'license'; key: string }
  | { kind: 'password'; email: string; password: string }
  /** Bytes that are no UTF-8. */
  | { kind: 'garbled' };

export interface CredentialSource {
  authorization: string | undefined;
  query: Query;
  /** `POST /tokens`, the only place where e-mail and password are credentials. */
  signIn: boolean;
}

const none: Credentials = { kind: 'none' };

/** The scheme of an Authorization header, spelled as `WWW-Authenticate` repeats it. */
export function schemeOf(authorization: string | undefined): string | null {
  const word = authorization?.trim().split(/\s/, 1)[0] ?? '';
  return /^[a-z][a-z0-9-]*$/i.test(word) ? word[0]!.toUpperCase() + word.slice(1).toLowerCase() : null;
}

const unquoted = (text: string): string => text.trim().replace(/^"(.*)"$/s, '$1');
const token = (text: string): Credentials => (text.trim() === '' ? none : { kind: 'token', secret: text.trim() });
const license = (key: string): Credentials => (key.trim() === '' ? none : { kind: 'license', key });

/** `Bearer <token>`, quotes stripped, or `Bearer token=<token>` of which the first element counts (spec/auth.md 2.1). */
function fromToken(rest: string): Credentials {
  const named = /^\s*token\s*=(.*)$/is.exec(rest);
  return token(named ? unquoted(named[1]!.split(/[,;\t]/, 1)[0]!) : unquoted(rest));
}

/** Base64 of `username:password`, read leniently (spec/auth.md 2.2). */
function fromBasic(rest: string, signIn: boolean): Credentials {
  const bytes = Buffer.from(rest.replace(/[^A-Za-z0-9+/]/g, ''), 'base64');
  if (!isUtf8(bytes)) return { kind: 'garbled' };
  const text = bytes.toString();
  const colon = text.indexOf(':');
  const username = colon < 0 ? text : text.slice(0, colon);
  const password = colon < 0 ? '' : text.slice(colon + 1);
  if (username === '') return none;
  if (username === 'license' && colon >= 0) return license(password);
  if (username === 'token' && colon >= 0) return token(password);
  if (signIn && colon >= 0 && username.includes('@')) return { kind: 'password', email: username, password };
  return token(username);
}

/** `?token=` or `?auth=`: `license:<key>`, `token:<token>` or a token (spec/auth.md 2.3). */
function fromQuery(query: Query): Credentials {
  const value = [query.token, query.auth].find((given) => typeof given === 'string' && given.trim() !== '') as string | undefined;
  if (value === undefined) return none;
  const colon = value.indexOf(':');
  if (value.startsWith('license:')) return license(value.slice(8));
  if (value.startsWith('token:')) return token(value.slice(6));
  return token(colon < 0 ? value : value.slice(0, colon));
}

/** The credentials of a request. */
export function credentialsOf({ authorization, query, signIn }: CredentialSource): Credentials {
  const header = authorization?.trim() ?? '';
  const scheme = schemeOf(header);
  const rest = headerText(header.slice(scheme?.length ?? 0));
  if (scheme === 'Bearer' || scheme === 'Token') return rest === undefined ? { kind: 'garbled' } : fromToken(rest);
  if (scheme === 'Basic') return rest === undefined ? { kind: 'garbled' } : fromBasic(rest, signIn);
  if (scheme === 'License') return rest === undefined ? { kind: 'garbled' } : license(rest.replace(/^\s/, ''));
  return fromQuery(query);
}
