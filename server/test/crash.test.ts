/** Killing the process at any moment loses no acknowledged write and no event, the next start needs no help, and what was not answered can be sent again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../src/kernel/database/database.ts';
import { scratchDatabase } from './kit.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const adminToken = `admin-${'c0'.repeat(32)}v3`;
const kills = 10;

const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-crash-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function start(port: number, database: Record<string, string>): Promise<ChildProcess> {
  const env = {
    ...process.env,
    DATABASE_URL: '',
    ...database,
    PORT: String(port),
    LATCHKEY_SECRET_KEY: '7e'.repeat(32),
    LATCHKEY_ADMIN_TOKEN: adminToken,
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  for (let tries = 0; tries < 400 && child.exitCode === null; tries++) {
    const up = await fetch(`http://127.0.0.1:${port}/v1/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return child;
    await wait(50);
  }
  throw new Error(`the server is not up (exit code ${child.exitCode})`);
}

/** Creates an entitlement, under a key that is its own. @returns the status; 0 when there was no answer */
function create(port: number, code: string): Promise<number> {
  const body = JSON.stringify({ data: { type: 'entitlements', attributes: { name: code, code } } });
  const headers = { authorization: `Bearer ${adminToken}`, 'idempotency-key': code };
  return fetch(`http://127.0.0.1:${port}/v1/entitlements`, { method: 'POST', headers, body }).then(
    (response) => response.text().then(() => response.status),
    () => 0,
  );
}

/** Writes until the server is gone. @param open gets the codes that were not answered for @returns the codes whose creation was acknowledged */
async function writeUntilKilled(port: number, round: number, child: ChildProcess, open: string[]): Promise<string[]> {
  const acknowledged: string[] = [];
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const writer = async (lane: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const code = `CRASH-${round}-${lane}-${n}`;
      const status = await create(port, code);
      if (status === 0) return void open.push(code);
      expect(status).toBe(201);
      acknowledged.push(code);
    }
  };
  const writers = [0, 1, 2, 3].map(writer);
  while (acknowledged.length < 5) await wait(5);
  await wait(60 * (round % 4));
  child.kill('SIGKILL');
  await gone;
  await Promise.all(writers);
  return acknowledged;
}

test(`${kills} kills under a write load lose nothing`, { timeout: 120_000 }, async () => {
  const url = await scratchDatabase();
  const where: Record<string, string> = url === undefined ? { LATCHKEY_DATA_DIR: dataDir } : { DATABASE_URL: url };
  const port = await freePort();
  const acknowledged: string[] = [];
  const open: string[] = [];
  for (let round = 0; round < kills; round++) {
    const child = await start(port, where);
    // Whether it was done before the kill or not: the code is unique, so doing it twice would be refused.
    for (const code of open.splice(0)) {
      expect(await create(port, code)).toBe(201);
      acknowledged.push(code);
    }
    acknowledged.push(...(await writeUntilKilled(port, round, child, open)));
  }
  expect(acknowledged.length).toBeGreaterThan(kills);

  const child = await start(port, where);
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await exit).toBe(0);

  const database = await openDatabase(url === undefined ? { dataDir } : { url });
  const stored = await database.rows('select id, code from entitlements');
  const logged = await database.rows(`select resource_id, count(*)::int as logs from event_logs where event = 'entitlement.created' group by 1`);
  const waiting = await database.rows('select id from outbox');
  await database.close();
  expect(acknowledged.filter((code) => !stored.some((row) => row.code === code))).toEqual([]);
  expect(logged.filter(({ logs }) => logs !== 1)).toEqual([]);
  expect(logged.length + waiting.length).toBe(stored.length);
});
