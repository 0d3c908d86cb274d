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

test('every variable is documented, and no other', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/configuration.md', import.meta.url)), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
  expect(documented).toEqual(Object.keys(variables));
});
