import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readConfig, variables } from './config.ts';

const key = { LATCHKEY_SECRET_KEY: 'ab'.repeat(32) };

describe('a wrong variable stops the start with a line that names it and what it should be', () => {
  test.each([
    ['PORT', 'eighty', 'a port number'],
    ['PORT', '65536', 'a port number'],
    ['DATABASE_URL', 'mysql://localhost', 'a URL like postgres://'],
    ['LATCHKEY_MODE', 'many', 'singleplayer or multiplayer'],
    ['LATCHKEY_ACCOUNT_ID', 'acme', 'a UUID'],
    ['LATCHKEY_SECRET_KEY', 'short', '64 hex digits'],
    ['LATCHKEY_ADMIN_PASSWORD', 'short', 'a text of 6 to 72 characters'],
    ['TRUST_PROXY', '10.0.0.0/99', 'addresses or CIDR ranges'],
    ['LATCHKEY_LEGACY_SIGNATURES_BEFORE', 'soon', 'an ISO 8601 instant'],
    ['AWS_BUCKET', 'https://x/y', 'the name of a bucket'],
    ['AWS_ENDPOINT', 'minio:9000', 'a URL like https://minio'],
    ['KEYGEN_PRUNE_STATEMENT_TIMEOUT', 'soon', 'a time like 500ms'],
    ['LOG_LEVEL', 'chatty', 'debug, info'],
  ])('%s=%s', (name, value, expected) => {
    expect(() => readConfig({ ...key, [name]: value })).toThrow(new RegExp(`^${name} should be ${expected}`));
  });

  test('plans and billing are for many accounts', () => {
    expect(() => readConfig({ ...key, LATCHKEY_CLOUD: 'true' })).toThrow(/^LATCHKEY_CLOUD should be false/);
    expect(readConfig({ ...key, LATCHKEY_CLOUD: 'true', LATCHKEY_MODE: 'multiplayer' }).cloud).toBe(true);
    expect(readConfig({ ...key, LATCHKEY_MODE: 'multiplayer' }).cloud).toBe(false);
  });

  test('secrets are not repeated in the line', () => {
    expect(() => readConfig({ LATCHKEY_SECRET_KEY: 'hunter2' })).toThrow(/^(?!.*hunter2)/);
  });

  test('a server needs its secret key from the environment', () => {
    expect(() => readConfig({ DATABASE_URL: 'postgres://localhost/x' })).toThrow(/^LATCHKEY_SECRET_KEY should be/);
  });
});

test.each([
  ['localhost', 'localhost', '', 'http://localhost:3000'],
  ['api.example.com', 'example.com', 'api', 'http://api.example.com:3000'],
  ['10.0.0.1', '10.0.0.1', '', 'http://10.0.0.1:3000'],
])('the host %s has the domain %s and the subdomain "%s"', (host, domain, subdomain, baseUrl) => {
  expect(readConfig({ ...key, LATCHKEY_HOST: host })).toMatchObject({ domain, subdomain, baseUrl });
});

test('host names are compared in lower case, so they are kept in it', () => {
  const hosts = { LATCHKEY_HOST: 'API.Example.com', LATCHKEY_EXTRA_HOSTS: 'Get.Example.com, B.test', LATCHKEY_PORTAL_HOST: 'Portal.Example.com' };
  expect(readConfig({ ...key, ...hosts })).toMatchObject({
    ...{ host: 'api.example.com', domain: 'example.com', extraHosts: ['get.example.com', 'b.test'], portalOrigin: 'https://portal.example.com' },
  });
});

describe('artifacts go', () => {
  const s3 = { AWS_BUCKET: 'files', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
  const r2 = { CF_ACCOUNT_ID: 'abc', CF_ACCESS_KEY_ID: 'id', CF_SECRET_ACCESS_KEY: 'secret', CF_BUCKET: 'files' };
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const storage = (environment: Record<string, string>) => readConfig({ ...key, ...environment }).storage;

  test('to a directory below the data, or another one', () => {
    expect(storage({ LATCHKEY_DATA_DIR: '/data' })).toEqual({ directory: '/data/artifacts', s3: null, r2: null });
    expect(storage({ LATCHKEY_ARTIFACTS_DIR: '/shared' }).directory).toBe('/shared');
    expect(storage({ AWS_ACCESS_KEY_ID: 'for something else' }).s3).toBeNull();
  });

  test('to a bucket of S3, or of a store like it', () => {
    const place = { bucket: 'files', region: 'us-east-1', endpoint: null, forcePathStyle: false };
    expect(storage(s3).s3).toEqual({ ...place, credentials });
    expect(storage({ AWS_BUCKET: 'files' }).s3).toEqual({ ...place, credentials: null });
    const minio = { AWS_REGION: 'eu-1', AWS_ENDPOINT: 'https://minio.example.com/', AWS_FORCE_PATH_STYLE: 't' };
    expect(storage({ ...s3, ...minio }).s3).toMatchObject({ region: 'eu-1', endpoint: 'https://minio.example.com', forcePathStyle: true });
    expect(storage({ ...s3, ...minio, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000' }).s3).toMatchObject({ endpoint: 'http://127.0.0.1:9000' });
  });

  test('to a bucket of R2', () => {
    const place = { bucket: 'files', region: 'auto', endpoint: 'https://abc.r2.cloudflarestorage.com', forcePathStyle: false };
    expect(storage({ ...s3, ...r2 })).toMatchObject({ s3: { bucket: 'files' }, r2: { ...place, credentials } });
  });

  test.each([
    [{ ...s3, AWS_ACCESS_KEY_ID: '' }, 'AWS_ACCESS_KEY_ID'],
    [{ ...s3, AWS_SECRET_ACCESS_KEY: '' }, 'AWS_SECRET_ACCESS_KEY'],
    [{ ...r2, CF_BUCKET: '' }, 'CF_BUCKET'],
    [{ ...r2, CF_ACCESS_KEY_ID: '' }, 'CF_ACCESS_KEY_ID'],
    [{ ...r2, CF_SECRET_ACCESS_KEY: '' }, 'CF_SECRET_ACCESS_KEY'],
  ])('nowhere with half of the settings', (environment, missing) => {
    expect(() => storage(environment)).toThrow(new RegExp(`^${missing} should be .* when (?:AWS_BUCKET|CF_ACCOUNT_ID) is set, but is missing\\.$`));
  });
});

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1min', 60_000],
  ['2 h', 7_200_000],
  ['250', 250],
])('a statement may take %s', (text, milliseconds) => {
  expect(readConfig({ ...key, KEYGEN_PRUNE_STATEMENT_TIMEOUT: text }).pruning.statementMs).toBe(milliseconds);
});

test('every variable is documented, and no other', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/configuration.md', import.meta.url)), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((match) => match[1]);
  expect(documented).toEqual(Object.keys(variables));
});
