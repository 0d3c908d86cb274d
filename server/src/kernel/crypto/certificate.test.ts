import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import stored from '../../../test/vectors/keys.json' with { type: 'json' };
import licenseFiles from '../../../test/vectors/license-files.json' with { type: 'json' };
import machineFiles from '../../../test/vectors/machine-files.json' with { type: 'json' };
import { loadKeys } from './account-keys.ts';
import { type CertificateContent, certificate, defaultFileMethod, type FileKind, type FileMethod, openCertificate, parseFileAlgorithm } from './certificate.ts';
import { signingAlgorithms } from './signing.ts';

const keys = loadKeys(stored.stored);
const methods = ['base64', 'aes-256-gcm'].flatMap((encoding) => signingAlgorithms.map((signing) => methodOf(`${encoding}+${signing}`)));

function methodOf(name: string): FileMethod {
  const parsed = parseFileAlgorithm(name);
  return 'detail' in parsed ? expect.fail(parsed.detail) : parsed;
}

const cases = [licenseFiles, machineFiles].flatMap(({ kind, payloads, files }) =>
  files.map((file) => ({
    name: `${kind} ${file.payload} ${file.algorithm}`,
    kind: kind as FileKind,
    algorithm: methodOf(file.algorithm),
    payload: (payloads as Record<string, string>)[file.payload]!,
    file,
  })),
);

describe.each(cases)('known answer $name', ({ kind, algorithm, payload, file }) => {
  test('the given certificate opens', () => {
    expect(openCertificate(file.certificate, keys, file.secret)).toEqual({ kind, algorithm, payload });
  });

  test('ours opens too, and is the same where the signature is determined', async () => {
    const iv = file.ivHex ? Buffer.from(file.ivHex, 'hex') : undefined;
    const ours = await certificate({ kind, payload, algorithm, secret: file.secret ?? '' }, keys, iv);
    if (file.deterministicSignature) expect(ours).toBe(file.certificate);
    expect(openCertificate(ours, keys, file.secret)).toEqual({ kind, algorithm, payload });
  });
});

test('the vectors know every algorithm for both kinds', () => {
  expect(new Set(cases.map(({ kind, algorithm }) => `${kind} ${algorithm.name}`)).size).toBe(16);
});

const content = (overrides: Partial<CertificateContent> = {}): CertificateContent => ({
  kind: 'license',
  payload: '{"data":null}',
  algorithm: methodOf('aes-256-gcm+ed25519'),
  secret: 'secret',
  ...overrides,
});

test('any payload comes back, in lines of at most 60 characters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), fc.constantFrom(...methods), async (payload, secret, algorithm) => {
      const text = await certificate(content({ kind: 'machine', payload, secret, algorithm }), keys);
      expect(text).toMatch(/^-----BEGIN MACHINE FILE-----\n([\w+/=]{60}\n)*[\w+/=]{1,60}\n-----END MACHINE FILE-----\n$/);
      expect(openCertificate(text, keys, secret)).toEqual({ kind: 'machine', algorithm, payload });
    }),
    { numRuns: 40 },
  );
});

test('two files of the same content never share an initialization vector', async () => {
  expect(await certificate(content(), keys)).not.toBe(await certificate(content(), keys));
});

const reframe = (text: string, change: (envelope: Record<string, string>) => Record<string, unknown>) => {
  const envelope = JSON.parse(Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64').toString());
  return `-----BEGIN LICENSE FILE-----\n${Buffer.from(JSON.stringify(change(envelope))).toString('base64')}\n-----END LICENSE FILE-----\n`;
};

test('an altered file is not genuine', async () => {
  const text = await certificate(content(), keys);
  const turned = (part: string) => `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`;
  expect(
    openCertificate(
      reframe(text, (envelope) => envelope),
      keys,
      'secret',
    ),
  ).toMatchObject({ payload: '{"data":null}' });
  expect(
    openCertificate(
      reframe(text, ({ enc, ...rest }) => ({ ...rest, enc: turned(enc!) })),
      keys,
      'secret',
    ),
  ).toEqual({ failure: 'not genuine' });
  expect(
    openCertificate(
      reframe(text, ({ sig, ...rest }) => ({ ...rest, sig: turned(sig!) })),
      keys,
      'secret',
    ),
  ).toEqual({ failure: 'not genuine' });
  expect(
    openCertificate(
      reframe(text, ({ alg: _, ...rest }) => ({ ...rest, alg: 'base64+rsa-sha256' })),
      keys,
      'secret',
    ),
  ).toEqual({ failure: 'not genuine' });
  expect(openCertificate(text.replaceAll('LICENSE', 'MACHINE'), keys, 'secret')).toEqual({ failure: 'not genuine' });
});

test('an encrypted file needs the secret', async () => {
  const text = await certificate(content(), keys);
  expect(openCertificate(text, keys)).toEqual({ failure: 'secret is required' });
  expect(openCertificate(text, keys, 'Secret')).toEqual({ failure: 'secret is wrong' });
});

test.each([
  '',
  'x',
  '-----BEGIN LICENSE FILE-----\nAAAA\n-----END LICENSE FILE-----\n',
  '-----BEGIN LICENSE FILE-----\nbnVsbA==\n-----END LICENSE FILE-----\n',
])('%j is malformed', (text) => expect(openCertificate(text, keys)).toEqual({ failure: 'malformed' }));

test.each([
  ['', 'encoding'],
  ['ed25519', 'encoding'],
  ['BASE64+ed25519', 'encoding'],
  ['rot13+nonsense', 'encoding'],
  ['base64', 'signing'],
  ['base64+', 'signing'],
  ['base64+ED25519', 'signing'],
  ['base64+ed25519+x', 'signing'],
  ['aes-256-gcm+toString', 'signing'],
])('the algorithm %j is refused for its %s part', (name, part) => {
  expect(parseFileAlgorithm(name)).toEqual({ detail: `invalid ${part} algorithm` });
});

test.each([
  ['RSA_2048_PKCS1_PSS_SIGN_V2', 'rsa-pss-sha256'],
  ['RSA_2048_PKCS1_PSS_SIGN', 'rsa-pss-sha256'],
  ['RSA_2048_PKCS1_SIGN_V2', 'rsa-sha256'],
  ['RSA_2048_PKCS1_SIGN', 'rsa-sha256'],
  ['RSA_2048_PKCS1_ENCRYPT', 'rsa-sha256'],
  ['RSA_2048_JWT_RS256', 'rsa-sha256'],
  ['ED25519_SIGN', 'ed25519'],
  ['ECDSA_P256_SIGN', 'ecdsa-p256'],
  [null, 'ed25519'],
  ['LEGACY_ENCRYPT', 'ed25519'],
])('by default a license of scheme %s has files signed with %s', (scheme, signing) => {
  expect(defaultFileMethod(scheme, false).name).toBe(`base64+${signing}`);
  expect(defaultFileMethod(scheme, true).name).toBe(`aes-256-gcm+${signing}`);
});
