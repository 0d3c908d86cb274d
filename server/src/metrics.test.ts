import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { newWorld } from '../test/kit.ts';
import { readConfig } from './config.ts';
import type { Database } from './kernel/database/database.ts';
import { toyRoute, toyServer } from './kernel/http/toy.ts';
import { Metrics } from './metrics.ts';
import { requestLine } from './request-line.ts';

const config = (port: number) => ({ ...readConfig({ LATCHKEY_SECRET_KEY: '0'.repeat(64) }), metricsPort: port });
const health = (due: number) => async () => ({ alive: true, due, oldest: undefined });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

test('requests are counted and timed by route, method and status', async () => {
  const metrics = new Metrics();
  const { http, served } = toyServer([toyRoute('licenses.show', '/v1/licenses/:id', {})]);
  await http.inject('/v1/licenses/SECRET-KEY?token=hidden');
  await http.inject({ method: 'HEAD', url: '/v1/licenses/a' });
  await http.inject('/v1/nowhere');
  await http.inject('/v1/licenses/a?a=%4');
  served.forEach(metrics.observe);
  const text = await metrics.registry.metrics();
  expect(text).toContain('latchkey_requests_total{route="licenses.show",method="GET",status="200"} 1');
  expect(text).toContain('latchkey_requests_total{route="licenses.show",method="HEAD",status="200"} 1');
  expect(text).toContain('latchkey_requests_total{route="unmatched",method="GET",status="404"} 1');
  expect(text).toContain('latchkey_requests_total{route="refused",method="GET",status="400"} 1');
  expect(text).toContain('latchkey_request_duration_seconds_count{route="licenses.show",method="GET",status="200"} 1');
  expect(text).not.toMatch(/SECRET|hidden/);
  await http.close();
});

test('a listener of its own tells of requests, the process and what waits', async () => {
  const rows = async () => [{ waiting: 7 }];
  const port = await freePort();
  const stop = await new Metrics().serve({ database: { rows } as unknown as Database, jobHealth: health(3) }, config(port));
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  const text = await response.text();
  expect(text).toMatch(/^latchkey_outbox_entries 7$/m);
  expect(text).toMatch(/^latchkey_jobs_due 3$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  await expect(new Metrics().serve({ database: { rows } as unknown as Database, jobHealth: health(0) }, config(port))).rejects.toThrow(
    `LATCHKEY_METRICS_PORT should be a free port, but ${port} is in use.`,
  );
  await stop();
});

test('a database that is gone only takes its own values away', async () => {
  const rows = async () => Promise.reject(new Error('gone'));
  const metrics = new Metrics();
  metrics.watch({ database: { rows } as unknown as Database, jobHealth: () => Promise.reject(new Error('gone')) });
  const text = await metrics.registry.metrics();
  expect(text).toContain('process_cpu_seconds_total');
  expect(text).not.toMatch(/^latchkey_(?:outbox_entries|jobs_due) /m);
  metrics.registry.clear();
});

test('the outbox and the jobs are really there to be counted', async () => {
  const { server } = await newWorld();
  expect(await server.sql('select count(*)::int as waiting from outbox')).toEqual([{ waiting: 0 }]);
});

test('the log line of a request holds no path, query, header or body', async () => {
  const lines: string[] = [];
  const stream = new PassThrough().on('data', (chunk) => lines.push(String(chunk)));
  const logger = pino({}, stream);
  const { http, served } = toyServer([toyRoute('licenses.show', '/v1/licenses/:id', {})]);
  await http.inject({ url: '/v1/licenses/SECRET?token=SECRET&auth=license:SECRET', headers: { authorization: 'Bearer SECRET', cookie: 'session_id=SECRET' } });
  await http.inject({ method: 'POST', url: '/SECRET', payload: '"SECRET"' });
  for (const request of served) logger.info(requestLine(request), 'request');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { msg: 'request', method: 'GET', route: 'licenses.show', status: 200, ip: '127.0.0.1', requestId: served[0]!.id },
    { method: 'POST', route: 'unmatched', status: 404 },
  ]);
  expect(lines.join('')).not.toContain('SECRET');
  await http.close();
});
