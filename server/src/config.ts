/** Environment variables -> one typed, validated object. Each variable is a row of the table below, which the documentation is made from. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import type { KernelConfig } from './kernel/config.ts';
import { StartError } from './kernel/database/start-error.ts';
import { parseUuid } from './kernel/id.ts';
import { keygenNames, latchkeyNames } from './kernel/names.ts';
import type { BucketSettings, StorageSettings } from './kernel/storage/store.ts';

export interface Config extends KernelConfig {
  port: number;
  bind: string;
  databaseUrl: string | null;
  databaseConnections: number;
  dataDir: string;
  /** Singleplayer: the account that is served; null: the only one there is. */
  accountId: string | null;
  accountName: string;
  adminEmail: string;
  adminPassword: string | null;
  adminToken: string | null;
  /** 32 bytes that seal secrets at rest; the first seals, the others still open. */
  masterKeys: readonly Buffer[];
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** null: no metrics listener. */
  metricsPort: number | null;
  metricsBind: string;
}

type Read<T> = (text: string) => T | undefined;
interface Variable<T> {
  read: Read<T>;
  /** What it should be, for the error. */
  expected: string;
  standard: T;
  about: string;
}

const variable = <T>(about: string, expected: string, standard: T, read: Read<T>): Variable<T> => ({ about, expected, standard, read });

const text: Read<string> = (value) => value;
const whole =
  (min: number, max: number): Read<number> =>
  (value) =>
    /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined;
const oneOf =
  <const V extends string>(...values: V[]): Read<V> =>
  (value) =>
    values.find((known) => known === value);
const flag: Read<boolean> = (value) => ({ true: true, '1': true, false: false, '0': false })[value.toLowerCase()];
const list =
  (valid: (item: string) => boolean): Read<string[]> =>
  (value) => {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    return items.every(valid) ? items : undefined;
  };
const optional = text as Read<string | null>;
const units: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
const milliseconds: Read<number> = (value) => {
  const [, digits, unit = 'ms'] = /^(\d{1,9})\s*(ms|s|min|h)?$/.exec(value) ?? [];
  return digits === undefined || Number(digits) === 0 ? undefined : Math.min(Number(digits) * units[unit]!, 2 ** 31 - 1);
};
const bucketName: Read<string | null> = (value) => (/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(value) ? value : undefined);
const flagOfSdk: Read<boolean> = (value) => ({ t: true, f: false })[value.toLowerCase()] ?? flag(value);
const origin: Read<string | null> = (value) => (/^https?:\/\/[^/]+\/?$/.test(value) ? value.replace(/\/$/, '') : undefined);
const hostName: Read<string> = (value) => (/^[a-z0-9.-]+$/i.test(value) || isIP(value) ? value.toLowerCase() : undefined);
const hostNames: Read<string[]> = (value) => list((host) => hostName(host) !== undefined)(value)?.map((host) => host.toLowerCase());
const range = (item: string): boolean => ipaddr.isValid(item) || ipaddr.isValidCIDR(item);
const instantOrAlways: Read<Date | 'always'> = (value) => (value === 'always' ? value : Number.isNaN(Date.parse(value)) ? undefined : new Date(value));

/** Every variable: what it is for, what it should be, and what holds without it. */
export const variables = {
  PORT: variable('Port to listen on.', 'a port number (0 to 65535)', 3000, whole(0, 65535)),
  LATCHKEY_BIND: variable('Address to listen on.', 'an IP address', '0.0.0.0', (value) => (isIP(value) ? value : undefined)),
  DATABASE_URL: variable(
    'A PostgreSQL server (15 or newer); without it the embedded database is used.',
    'a URL like postgres://user:password@host:5432/name',
    null,
    (value) => (/^postgres(?:ql)?:\/\/.+/.test(value) ? (value as string | null) : undefined),
  ),
  LATCHKEY_DATABASE_CONNECTIONS: variable('Connections that one process opens to PostgreSQL.', 'a number from 1 to 1000', 10, whole(1, 1000)),
  LATCHKEY_DATA_DIR: variable('Directory of the embedded database and of generated secrets.', 'a path', './data', text),
  LATCHKEY_ARTIFACTS_DIR: variable(
    'Directory of artifacts, where there is no bucket for them; all processes need the same. Without it: `artifacts` in the data directory.',
    'a path',
    null,
    text as Read<string | null>,
  ),
  LATCHKEY_MODE: variable('One account, or many.', 'singleplayer or multiplayer', 'singleplayer' as const, oneOf('singleplayer', 'multiplayer')),
  LATCHKEY_CLOUD: variable('Multiplayer: whether accounts have plans and billing.', 'true or false', false, flag),
  LATCHKEY_ACCOUNT_ID: variable(
    'Singleplayer: the id of the account, chosen before the first start.',
    'a UUID',
    null,
    (value) => parseUuid(value) as string | null | undefined,
  ),
  LATCHKEY_ACCOUNT_NAME: variable('Singleplayer: the name of the account that the first start creates.', 'a text', 'Latchkey', text),
  LATCHKEY_ADMIN_EMAIL: variable('E-mail of the first admin.', 'an e-mail address', 'admin@example.com', (value) =>
    /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value) ? value.toLowerCase() : undefined,
  ),
  LATCHKEY_ADMIN_PASSWORD: variable('Password of the first admin; generated and printed once if left out.', 'a text of 6 to 72 characters', null, (value) =>
    value.length >= 6 && value.length <= 72 ? (value as string | null) : undefined,
  ),
  LATCHKEY_ADMIN_TOKEN: variable('Token of the first admin; generated and printed once if left out.', 'a text like admin-<64 hex digits>v3', null, (value) =>
    /^admin-[0-9a-f]{64}v3$/.test(value) ? (value as string | null) : undefined,
  ),
  LATCHKEY_SECRET_KEY: variable(
    'Key that seals secrets at rest; a comma-separated list rotates (the first seals). Embedded use generates one into the data directory.',
    '64 hex digits (or several, separated by commas)',
    null,
    (value) => (value.split(',').every((key) => /^[0-9a-f]{64}$/i.test(key.trim())) ? (value as string | null) : undefined),
  ),
  LATCHKEY_HOST: variable('Public host name, as clients write it.', 'a host name', 'localhost', hostName),
  LATCHKEY_EXTRA_HOSTS: variable('More host names that the server answers to.', 'host names, separated by commas', [] as string[], hostNames),
  LATCHKEY_BASE_URL: variable(
    'Origin of absolute links, when it is not http://<host>:<port>. With https, what a proxy took in plain http (X-Forwarded-Proto) is redirected.',
    'a URL like https://licensing.example.com',
    null,
    origin,
  ),
  LATCHKEY_DOMAIN: variable(
    'Domain of the host, when it is not its last two labels.',
    'a host name',
    null,
    (value) => hostName(value) as string | null | undefined,
  ),
  LATCHKEY_SUBDOMAIN: variable('Labels before the domain, when they are not the rest of the host.', 'a host name', null, text as Read<string | null>),
  LATCHKEY_PORTAL_HOST: variable(
    'Host of the dashboard, when it is not portal.<domain>.',
    'a host name',
    null,
    (value) => hostName(value) as string | null | undefined,
  ),
  LATCHKEY_NAMES: variable('Whose documentation and contacts responses name.', 'latchkey or keygen', 'latchkey' as const, oneOf('latchkey', 'keygen')),
  LATCHKEY_FREE_EMAIL_DOMAINS: variable('Domains of public mail providers, besides those known.', 'host names, separated by commas', [] as string[], hostNames),
  LATCHKEY_DISPOSABLE_EMAIL_DOMAINS: variable(
    'Domains of throwaway addresses, besides those known.',
    'host names, separated by commas',
    [] as string[],
    hostNames,
  ),
  LATCHKEY_EDUCATIONAL_EMAIL_DOMAINS: variable('Domains of schools, besides .edu and .ac.', 'host names, separated by commas', [] as string[], hostNames),
  LATCHKEY_LIST_ORDER: variable('Order of lists.', 'desc (newest first) or asc', 'desc' as const, oneOf('asc', 'desc')),
  LATCHKEY_LEGACY_SIGNATURES_BEFORE: variable(
    'Accounts created before this instant get the legacy X-Signature on every response.',
    'an ISO 8601 instant, or always',
    null,
    instantOrAlways as Read<Date | 'always' | null>,
  ),
  LATCHKEY_RATE_LIMITS: variable('Whether the limits on sign-in attempts and probes hold.', 'true or false', true, flag),
  LATCHKEY_REQUESTS_PER_SECOND: variable('Requests per second and client.', 'a number', null, whole(1, 1e9) as Read<number | null>),
  LATCHKEY_REQUESTS_PER_MINUTE: variable('Requests per minute and client.', 'a number', null, whole(1, 1e9) as Read<number | null>),
  LATCHKEY_ALLOWED_ADDRESSES: variable('Addresses that no limit holds for.', 'addresses or CIDR ranges, separated by commas', [] as string[], list(range)),
  LATCHKEY_BLOCKED_ADDRESSES: variable('Addresses that are refused.', 'addresses or CIDR ranges, separated by commas', [] as string[], list(range)),
  TRUST_PROXY: variable(
    'Proxies whose X-Forwarded-For counts, besides loopback and private addresses.',
    'addresses or CIDR ranges, separated by commas',
    [] as string[],
    list(range),
  ),
  LATCHKEY_MAX_BODY_BYTES: variable('Largest request body; 0: any size.', 'a number of bytes', 16 * 1024 * 1024, whole(0, Number.MAX_SAFE_INTEGER)),
  LATCHKEY_REQUEST_TIMEOUT_SECONDS: variable('Time that a request may take.', 'a number from 1 to 600', 15, whole(1, 600)),
  LATCHKEY_MAX_JOB_LATENCY_SECONDS: variable(
    'Time that a due job may wait before /v1/health/webhooks answers 500.',
    'a number from 1 to 86400',
    30,
    whole(1, 86_400),
  ),
  LATCHKEY_HEALTH_STATUS: variable('Status that /v1/health answers.', 'a status from 200 to 299', 204, whole(200, 299)),
  LATCHKEY_METRICS_PORT: variable('Port of the Prometheus listener; 0: none.', 'a port number', 0, whole(0, 65535)),
  LATCHKEY_METRICS_BIND: variable('Address of the Prometheus listener.', 'an IP address', '127.0.0.1', (value) => (isIP(value) ? value : undefined)),
  LATCHKEY_LOG_BODY_BYTES: variable('Largest body that request logs keep; 0: any size.', 'a number of bytes', 16 * 1024, whole(0, Number.MAX_SAFE_INTEGER)),
  LATCHKEY_LOG_RETENTION_DAYS: variable('Days that request and event logs are kept.', 'a number from 1 to 3650', 30, whole(1, 3650)),
  LATCHKEY_ALLOW_PRIVATE_WEBHOOKS: variable('Whether webhooks may go to loopback and private addresses.', 'true or false', false, flag),
  LATCHKEY_WEBHOOK_EVENT_DAYS: variable('Days that webhook events are kept; 0: for ever.', 'a number from 0 to 3650', 30, whole(0, 3650)),
  AWS_ACCESS_KEY_ID: variable('Artifacts in S3, or a store like it: the access key. Without it, what the machine gives the AWS SDK.', 'a text', null, optional),
  AWS_SECRET_ACCESS_KEY: variable('Its secret.', 'a text', null, optional),
  AWS_BUCKET: variable('The bucket. With it, new artifacts go there.', 'the name of a bucket', null, bucketName),
  AWS_REGION: variable('Its region.', 'the name of a region', 'us-east-1', text),
  AWS_ENDPOINT_URL_S3: variable('Origin of the store, when it is not that of AWS.', 'a URL like https://minio.example.com', null, origin),
  AWS_ENDPOINT: variable('The same, under its other name.', 'a URL like https://minio.example.com', null, origin),
  AWS_FORCE_PATH_STYLE: variable('Whether URLs name the bucket in their path instead of their host.', 'true or false', false, flagOfSdk),
  CF_ACCOUNT_ID: variable('Artifacts in R2: the account. With it, new artifacts go there.', 'a text', null, optional),
  CF_ACCESS_KEY_ID: variable('Its access key.', 'a text', null, optional),
  CF_SECRET_ACCESS_KEY: variable('Its secret.', 'a text', null, optional),
  CF_BUCKET: variable('The bucket.', 'the name of a bucket', null, bucketName),
  CF_REGION: variable('Its region.', 'the name of a region', 'auto', text),
  KEYGEN_PRUNE_BATCH_SIZE: variable('Old rows that are deleted at a time.', 'a number from 1 to 100000', 1000, whole(1, 100_000)),
  KEYGEN_PRUNE_BATCH_WAIT: variable('Seconds between two times.', 'a number from 0 to 3600', 1, whole(0, 3600)),
  KEYGEN_PRUNE_STATEMENT_TIMEOUT: variable('Time that one may take.', 'a time like 500ms, 30s or 1min', 60_000, milliseconds),
  LOG_LEVEL: variable('How much the server logs.', 'debug, info, warn, error or silent', 'info' as const, oneOf('debug', 'info', 'warn', 'error', 'silent')),
  LATCHKEY_REVISION: variable('Revision of the running build, shown in Keygen-Revision.', 'a text', null, text as Read<string | null>),
};

type Variables = { [N in keyof typeof variables]: (typeof variables)[N] extends Variable<infer T> ? T : never };

const expectedOf = (name: keyof Variables): string => (variables as unknown as Record<string, Variable<unknown>>)[name]!.expected;

/** @throws {StartError} one line that names the variable and what it should be */
function readVariables(environment: Record<string, string | undefined>): Variables {
  const entries = Object.entries(variables as unknown as Record<string, Variable<unknown>>).map(([name, { read, expected, standard }]) => {
    const given = environment[name];
    if (given === undefined || given === '') return [name, standard];
    const value = read(given.trim());
    if (value === undefined) throw new StartError(`${name} should be ${expected}, but is "${/SECRET|PASSWORD|TOKEN|URL/.test(name) ? '(hidden)' : given}".`);
    return [name, value];
  });
  return Object.fromEntries(entries) as Variables;
}

/** The master keys: from the environment, else (embedded use) from the data directory, where they are generated with mode 0600. */
function masterKeys(given: string | null, dataDir: string, embedded: boolean): Buffer[] {
  if (given !== null) return given.split(',').map((key) => Buffer.from(key.trim(), 'hex'));
  if (!embedded)
    throw new StartError('LATCHKEY_SECRET_KEY should be 64 hex digits when DATABASE_URL is set (for example from `openssl rand -hex 32`), but is missing.');
  const path = join(dataDir, 'secret.key');
  try {
    if (!existsSync(path)) {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    }
    return [Buffer.from(readFileSync(path, 'utf8').trim(), 'hex')];
  } catch (error) {
    throw new StartError(`LATCHKEY_DATA_DIR should be a directory that can be written to, but ${dataDir} is not (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The other variables that a setting needs. @throws {StartError} */
function required<N extends keyof Variables>(variables: Variables, because: string, ...names: N[]): { [M in N]: NonNullable<Variables[M]> } {
  const missing = names.find((name) => variables[name] === null);
  if (missing !== undefined) throw new StartError(`${missing} should be ${expectedOf(missing)} when ${because} is set, but is missing.`);
  return variables as { [M in N]: NonNullable<Variables[M]> };
}

function s3Settings(v: Variables): BucketSettings | null {
  if (v.AWS_BUCKET === null) return null;
  const place = { bucket: v.AWS_BUCKET, region: v.AWS_REGION, endpoint: v.AWS_ENDPOINT_URL_S3 ?? v.AWS_ENDPOINT, forcePathStyle: v.AWS_FORCE_PATH_STYLE };
  if (v.AWS_ACCESS_KEY_ID === null && v.AWS_SECRET_ACCESS_KEY === null) return { ...place, credentials: null };
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = required(v, 'AWS_BUCKET', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY');
  return { ...place, credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } };
}

function r2Settings(v: Variables): BucketSettings | null {
  if (v.CF_ACCOUNT_ID === null) return null;
  const { CF_ACCESS_KEY_ID, CF_SECRET_ACCESS_KEY, CF_BUCKET } = required(v, 'CF_ACCOUNT_ID', 'CF_ACCESS_KEY_ID', 'CF_SECRET_ACCESS_KEY', 'CF_BUCKET');
  return {
    bucket: CF_BUCKET,
    region: v.CF_REGION,
    endpoint: `https://${v.CF_ACCOUNT_ID}.r2.cloudflarestorage.com`,
    forcePathStyle: false,
    credentials: { accessKeyId: CF_ACCESS_KEY_ID, secretAccessKey: CF_SECRET_ACCESS_KEY },
  };
}

/** spec/distribution.md 18 */
const storageSettings = (v: Variables): StorageSettings => ({
  directory: v.LATCHKEY_ARTIFACTS_DIR ?? join(v.LATCHKEY_DATA_DIR, 'artifacts'),
  s3: s3Settings(v),
  r2: r2Settings(v),
});

/** What the name of the host implies (spec/accounts.md 1). */
export function hostParts(host: string, domain: string | null, subdomain: string | null): { domain: string; subdomain: string } {
  const labels = host.split('.');
  const bare = labels.length < 2 || isIP(host) !== 0;
  const ownDomain = domain ?? (bare ? host : labels.slice(-2).join('.'));
  const before = host.endsWith(`.${ownDomain}`) ? host.slice(0, -ownDomain.length - 1) : '';
  return { domain: ownDomain, subdomain: subdomain ?? before };
}

/** Reads the configuration. @throws {StartError} */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const v = readVariables(environment);
  if (v.LATCHKEY_CLOUD && v.LATCHKEY_MODE === 'singleplayer')
    throw new StartError('LATCHKEY_CLOUD should be false when LATCHKEY_MODE is singleplayer, but is "true".');
  const host = v.LATCHKEY_HOST;
  const { domain, subdomain } = hostParts(host, v.LATCHKEY_DOMAIN, v.LATCHKEY_SUBDOMAIN);
  const baseUrl = v.LATCHKEY_BASE_URL ?? `http://${host}${v.PORT === 80 ? '' : `:${v.PORT}`}`;
  const portalHost = v.LATCHKEY_PORTAL_HOST ?? `portal.${domain}`;
  return {
    port: v.PORT,
    bind: v.LATCHKEY_BIND,
    databaseUrl: v.DATABASE_URL,
    databaseConnections: v.LATCHKEY_DATABASE_CONNECTIONS,
    dataDir: v.LATCHKEY_DATA_DIR,
    mode: v.LATCHKEY_MODE,
    cloud: v.LATCHKEY_CLOUD,
    accountId: v.LATCHKEY_ACCOUNT_ID,
    accountName: v.LATCHKEY_ACCOUNT_NAME,
    adminEmail: v.LATCHKEY_ADMIN_EMAIL,
    adminPassword: v.LATCHKEY_ADMIN_PASSWORD,
    adminToken: v.LATCHKEY_ADMIN_TOKEN,
    masterKeys: masterKeys(v.LATCHKEY_SECRET_KEY, v.LATCHKEY_DATA_DIR, v.DATABASE_URL === null),
    passwordCost: 'standard',
    host,
    extraHosts: v.LATCHKEY_EXTRA_HOSTS,
    domain,
    subdomain,
    baseUrl,
    portalOrigin: `https://${portalHost}`,
    names: v.LATCHKEY_NAMES === 'keygen' ? keygenNames : latchkeyNames(baseUrl, [host, portalHost, ...v.LATCHKEY_EXTRA_HOSTS]),
    listOrder: v.LATCHKEY_LIST_ORDER,
    emailDomains: {
      free: v.LATCHKEY_FREE_EMAIL_DOMAINS,
      disposable: v.LATCHKEY_DISPOSABLE_EMAIL_DOMAINS,
      educational: v.LATCHKEY_EDUCATIONAL_EMAIL_DOMAINS,
    },
    healthStatus: v.LATCHKEY_HEALTH_STATUS,
    maxBodyBytes: v.LATCHKEY_MAX_BODY_BYTES || null,
    requestTimeoutMs: v.LATCHKEY_REQUEST_TIMEOUT_SECONDS * 1000,
    maxJobLatencyMs: v.LATCHKEY_MAX_JOB_LATENCY_SECONDS * 1000,
    trustedProxies: v.TRUST_PROXY,
    rateLimits: v.LATCHKEY_RATE_LIMITS
      ? {
          perSecond: v.LATCHKEY_REQUESTS_PER_SECOND,
          perMinute: v.LATCHKEY_REQUESTS_PER_MINUTE,
          allow: v.LATCHKEY_ALLOWED_ADDRESSES,
          block: v.LATCHKEY_BLOCKED_ADDRESSES,
        }
      : null,
    legacySignatures: v.LATCHKEY_LEGACY_SIGNATURES_BEFORE,
    storage: storageSettings(v),
    pruning: { rows: v.KEYGEN_PRUNE_BATCH_SIZE, pauseMs: v.KEYGEN_PRUNE_BATCH_WAIT * 1000, statementMs: v.KEYGEN_PRUNE_STATEMENT_TIMEOUT },
    revision: v.LATCHKEY_REVISION,
    logLevel: v.LOG_LEVEL,
    metricsPort: v.LATCHKEY_METRICS_PORT || null,
    metricsBind: v.LATCHKEY_METRICS_BIND,
    logRetentionDays: v.LATCHKEY_LOG_RETENTION_DAYS,
    maxLoggedBodyBytes: v.LATCHKEY_LOG_BODY_BYTES || null,
    allowPrivateWebhooks: v.LATCHKEY_ALLOW_PRIVATE_WEBHOOKS,
    webhookEventDays: v.LATCHKEY_WEBHOOK_EVENT_DAYS,
  };
}
