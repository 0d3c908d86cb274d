import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { newWorld } from '../test/kit.ts';
import { App } from './app.ts';
import { readConfig } from './config.ts';
import { healthRoutes } from './health.routes.ts';
import { Clock } from './kernel/clock.ts';
import { openDatabase } from './kernel/database/database.ts';
import { toyServer } from './kernel/http/toy.ts';

const now = new Date('2025-01-01T00:00:00Z');

test.each(['/v1/ping', '/v1/accounts/nobody/ping'])('%s answers anybody, on any host, in any media type', async (url) => {
  const { server } = await newWorld();
  const response = await server.inject({ url, headers: { host: 'anything.test', accept: 'image/png', authorization: 'Bearer wrong' } });
  expect([response.statusCode, response.body]).toEqual([200, '']);
});

test.each(['/v1/health', '/v1/health/webhooks'])('%s answers as configured, with an empty body', async (url) => {
  const { server } = await newWorld();
  expect(await server.inject({ url })).toMatchObject({ statusCode: 204, body: '' });
  const insisting = await newWorld({ config: { healthStatus: 200 } });
  expect(await insisting.server.inject({ url })).toMatchObject({ statusCode: 200, body: '' });
});

test('health tells the truth when the database is gone', async () => {
  const database = await openDatabase({ memory: true });
  const config = readConfig({ LATCHKEY_SECRET_KEY: '0'.repeat(64), LATCHKEY_NAMES: 'keygen' });
  const app = new App({ config, database, clock: new Clock(), logger: pino({ level: 'silent' }) });
  await app.http.ready();
  expect((await app.http.inject('/v1/health')).statusCode).toBe(204);
  await database.close();
  const health = await app.http.inject('/v1/health');
  expect([health.statusCode, health.json().errors[0].title]).toEqual([503, 'Service unavailable']);
  expect(await app.http.inject('/v1/health/webhooks')).toMatchObject({ statusCode: 500, body: '' });
  expect((await app.http.inject('/v1/ping')).statusCode).toBe(200);
  await app.http.close();
  await app.services.outgoing.close();
});

describe('/v1/health/webhooks', () => {
  const seconds = (age: number) => new Date(now.getTime() - age * 1000);
  test.each([
    ['nothing waits', { alive: true, due: 0, oldest: undefined }, 204],
    ['the oldest job is young', { alive: true, due: 1, oldest: seconds(29) }, 204],
    ['the oldest job is old', { alive: true, due: 1, oldest: seconds(30) }, 500],
    ['no worker is alive', { alive: false, due: 0, oldest: undefined }, 500],
  ])('when %s', async (_, health, status) => {
    const clock = new Clock();
    clock.freeze(now);
    const { http } = toyServer(healthRoutes, {}, { clock, jobHealth: async () => health });
    expect(await http.inject('/v1/health/webhooks')).toMatchObject({ statusCode: status, body: '' });
  });
});
