import { hash } from 'node:crypto';
import type { SigningKeys } from './account-keys.ts';
import { base64 } from './encoding.ts';
import { isSigningAlgorithm, type SigningAlgorithm, sign } from './signing.ts';

/** The algorithm to sign with, and its name in the spelling of the client, which the answer repeats. */
export interface ChosenAlgorithm {
  algorithm: SigningAlgorithm;
  spelled: string;
}

/** Why a `Keygen-Accept-Signature` was refused, and the detail of the 400 that says so. */
export interface RefusedSignature {
  refused: 'malformed' | 'unsupported' | 'keyid';
  detail: string;
}

/** What a client's `Keygen-Accept-Signature` comes to. */
export type AcceptedSignature = ChosenAlgorithm | RefusedSignature;

/** What is signed: a response, or a webhook's request. */
export interface SignedMessage {
  accountId: string;
  /** In any case; the signing string has it in lower case. */
  method: string;
  /** The host that was addressed, without port. */
  host: string;
  /** Path and query exactly as received; empty counts as `/`. */
  target: string;
  date: Date;
  /** The exact bytes sent before transfer compression; undefined: none. */
  body: string | Uint8Array | undefined;
}

const defaultAlgorithm: ChosenAlgorithm = { algorithm: 'ed25519', spelled: 'ed25519' };
const grammar = /^(?:keyid="(?<keyid>[^"]*)"(?=\s*,))?(?:\s*,\s*)?algorithm="(?<algorithm>[^"]*)"(?:\s*;\s*)?$/i;

const refusals: Record<RefusedSignature['refused'], RefusedSignature> = {
  malformed: { refused: 'malformed', detail: 'invalid accept-signature header (malformed)' },
  unsupported: { refused: 'unsupported', detail: 'invalid accept-signature header (unsupported algorithm)' },
  keyid: { refused: 'keyid', detail: 'invalid accept-signature header (keyid not found)' },
};

/** Reads `Keygen-Accept-Signature` (spec/http.md 12.3). Absent and blank mean ed25519; the checks run in the order of the spec. */
export function parseAcceptSignature(header: string | undefined, accountId: string): AcceptedSignature {
  if (header === undefined || header.trim() === '') return defaultAlgorithm;
  const parts = grammar.exec(header.trim())?.groups;
  if (parts === undefined) return refusals.malformed;
  const spelled = parts.algorithm!;
  const algorithm = spelled.toLowerCase();
  if (!isSigningAlgorithm(algorithm)) return refusals.unsupported;
  if (parts.keyid !== undefined && parts.keyid.toLowerCase() !== accountId.toLowerCase()) return refusals.keyid;
  return { algorithm, spelled };
}

let formattedSecond = Number.NaN;
let formatted = '';

/** An HTTP date (RFC 9110): `Wed, 16 Oct 2024 14:52:48 GMT`. Responses of one second share the text. */
export function httpDate(date: Date): string {
  const second = Math.floor(date.getTime() / 1000);
  if (second !== formattedSecond) {
    formatted = date.toUTCString();
    formattedSecond = second;
  }
  return formatted;
}

/** Value of `Digest`: `sha-256=` and the base64 of the body's SHA-256. */
export function bodyDigest(body: string | Uint8Array | undefined): string {
  return `sha-256=${hash('sha256', body ?? '', 'base64')}`;
}

/** The four lines that are signed (spec/http.md 12.2). `date` and `digest` are the values of the headers of that name. */
export function signingString(message: Pick<SignedMessage, 'method' | 'host' | 'target'>, date: string, digest: string): string {
  return `(request-target): ${message.method.toLowerCase()} ${message.target || '/'}\nhost: ${message.host}\ndate: ${date}\ndigest: ${digest}`;
}

function dateAndDigest(date: string, digest: string): Record<string, string> {
  return { Date: date, Digest: digest, 'Keygen-Date': date, 'Keygen-Digest': digest };
}

async function keygenSignature(keys: SigningKeys, message: SignedMessage, chosen: ChosenAlgorithm, date: string, digest: string): Promise<string> {
  const signature = base64(await sign(chosen.algorithm, signingString(message, date, digest), keys));
  return `keyid="${message.accountId}", algorithm="${chosen.spelled}", signature="${signature}", headers="(request-target) host date digest"`;
}

/**
 * All signature headers of a message (spec/http.md 12.2, spec/validation.md 15, spec/events.md 5.2). `legacy` adds `X-Signature` (RSA over the body).
 * After a refused accept header the 400 has only part of them: of `keyid` the dates and digests, of the others neither (spec/validation.md 15.3).
 */
export async function signatureHeaders(
  keys: SigningKeys,
  message: SignedMessage,
  accepted: AcceptedSignature,
  legacy: boolean,
): Promise<Record<string, string>> {
  const date = httpDate(message.date);
  const digest = bodyDigest(message.body);
  // The body's signature is begun first, so that the thread pool works on it while the other is made here.
  const [ofBody, ofMessage] = await Promise.all([
    legacy ? sign('rsa-sha256', message.body ?? '', keys) : undefined,
    'refused' in accepted ? undefined : keygenSignature(keys, message, accepted, date, digest),
  ]);
  const headers = 'refused' in accepted && accepted.refused !== 'keyid' ? {} : dateAndDigest(date, digest);
  if (ofMessage) headers['Keygen-Signature'] = ofMessage;
  if (ofBody) headers['X-Signature'] = base64(ofBody);
  return headers;
}
