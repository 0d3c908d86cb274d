import { describe, expect, test } from 'vitest';
import stored from '../../../test/vectors/keys.json' with { type: 'json' };
import vectors from '../../../test/vectors/response-signatures.json' with { type: 'json' };
import { loadKeys } from './account-keys.ts';
import { fromBase64 } from './encoding.ts';
import { bodyDigest, httpDate, parseAcceptSignature, type SignedMessage, signatureHeaders, signingString } from './response-signature.ts';
import { type SigningAlgorithm, verify } from './signing.ts';

const keys = loadKeys(stored.stored);
const accountId = vectors.accountId;
const cases = [...vectors.responses, ...vectors.webhooks].map((vector, index) => ({ ...vector, name: `${index} ${vector.method} ${vector.algorithm}` }));

type Vector = (typeof cases)[number];
const messageOf = (vector: Vector, body: string | Uint8Array | undefined = vector.body): SignedMessage => ({
  accountId,
  method: vector.method,
  host: vector.host,
  target: vector.requestTarget,
  date: new Date(vector.headers.Date),
  body,
});
const chosen = (vector: Vector) => ({ algorithm: vector.algorithm as SigningAlgorithm, spelled: vector.algorithm });
const first = cases[0]!;

describe.each(cases)('known answer $name', (vector) => {
  const algorithm = vector.algorithm as SigningAlgorithm;

  test('the signing string and the given signature are reproduced', () => {
    expect(signingString(messageOf(vector), vector.headers.Date, bodyDigest(vector.body))).toBe(vector.signingData);
    expect(verify(algorithm, vector.signingData, fromBase64(vector.signature), keys)).toBe(true);
    expect(verify('rsa-sha256', vector.body, fromBase64(vector.headers['X-Signature']), keys)).toBe(true);
  });

  test('the headers are those of the vector, and their signature verifies', async () => {
    const headers = await signatureHeaders(keys, messageOf(vector), chosen(vector), true);
    const signature = /signature="([^"]+)"/.exec(headers['Keygen-Signature']!)![1]!;
    expect(verify(algorithm, vector.signingData, fromBase64(signature), keys)).toBe(true);
    const expected = { ...vector.headers, 'Keygen-Signature': vector.headers['Keygen-Signature'].replace(vector.signature, signature) };
    expect(headers).toEqual(vector.deterministicSignature ? vector.headers : expected);
  });
});

test('bytes are signed like the text that they encode, and no body like the empty one', async () => {
  const revoke = cases.find((vector) => vector.body === '')!;
  expect(await signatureHeaders(keys, messageOf(first, Buffer.from(first.body)), chosen(first), true)).toEqual(first.headers);
  expect(await signatureHeaders(keys, { ...messageOf(revoke), body: undefined }, chosen(revoke), true)).toEqual(revoke.headers);
});

test('X-Signature is sent only when legacy signatures are on', async () => {
  const { 'X-Signature': _, ...modern } = first.headers;
  expect(await signatureHeaders(keys, messageOf(first), chosen(first), false)).toEqual(modern);
});

test('an empty target is signed as a slash', () => {
  expect(signingString({ method: 'GET', host: 'h', target: '' }, 'd', 'x')).toBe('(request-target): get /\nhost: h\ndate: d\ndigest: x');
});

test.each([
  [undefined, 'ed25519', 'ed25519'],
  ['', 'ed25519', 'ed25519'],
  ['  ', 'ed25519', 'ed25519'],
  ['algorithm="ed25519"', 'ed25519', 'ed25519'],
  ['algorithm="RSA-PSS-sha256"', 'rsa-pss-sha256', 'RSA-PSS-sha256'],
  ['ALGORITHM="ecdsa-p256" ; ', 'ecdsa-p256', 'ecdsa-p256'],
  ['algorithm="rsa-sha256";', 'rsa-sha256', 'rsa-sha256'],
  [`keyid="${accountId}",algorithm="ed25519"`, 'ed25519', 'ed25519'],
  [`keyid="${accountId}"  , algorithm="ed25519";`, 'ed25519', 'ed25519'],
  [`KeyId="${accountId.toUpperCase()}", Algorithm="Ed25519"`, 'ed25519', 'Ed25519'],
])('the accept header %j chooses %s and echoes %s', (header, algorithm, spelled) => {
  expect(parseAcceptSignature(header, accountId)).toEqual({ algorithm, spelled });
});

test.each([
  ['<algorithm:rsa>', 'malformed', 'malformed'],
  ['keyid="1" algorithm="ed25519"', 'malformed', 'malformed'],
  ['keyid="1"algorithm="ed25519"', 'malformed', 'malformed'],
  ['algorithm="ed25519", keyid="1"', 'malformed', 'malformed'],
  ['algorithm=ed25519', 'malformed', 'malformed'],
  ['algorithm="ed25519" x', 'malformed', 'malformed'],
  [`keyid="${'0'.repeat(36)}"`, 'malformed', 'malformed'],
  ['algorithm="rsa-sha1"', 'unsupported', 'unsupported algorithm'],
  ['algorithm="toString"', 'unsupported', 'unsupported algorithm'],
  ['keyid="1", algorithm="rsa-sha1"', 'unsupported', 'unsupported algorithm'],
  ['keyid="1", algorithm="ed25519"', 'keyid', 'keyid not found'],
  ['keyid="", algorithm="ed25519"', 'keyid', 'keyid not found'],
])('the accept header %j is refused as %s', (header, refused, why) => {
  expect(parseAcceptSignature(header, accountId)).toEqual({ refused, detail: `invalid accept-signature header (${why})` });
});

test.each([
  ['algorithm="rsa-sha1"', []],
  ['nonsense', []],
  ['keyid="1", algorithm="ed25519"', ['Date', 'Digest', 'Keygen-Date', 'Keygen-Digest']],
])('the 400 for %j carries X-Signature and, besides, only %j', async (header, names) => {
  const refused = parseAcceptSignature(header, accountId);
  expect(Object.keys(await signatureHeaders(keys, messageOf(first), refused, false))).toEqual(names);
  expect(Object.keys(await signatureHeaders(keys, messageOf(first), refused, true))).toEqual([...names, 'X-Signature']);
});

test('dates are HTTP dates, also when the seconds jump to and fro', () => {
  const texts = ['Wed, 16 Oct 2024 14:52:48 GMT', 'Wed, 09 Jun 2021 16:08:15 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Wed, 16 Oct 2024 14:52:48 GMT'];
  expect(texts.map((text) => httpDate(new Date(new Date(text).getTime() + 999)))).toEqual(texts);
});
