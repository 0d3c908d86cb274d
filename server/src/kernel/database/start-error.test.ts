import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { openPostgres } from './postgres.ts';
import { directoryStartError, StartError, serverStartError } from './start-error.ts';

const root = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['ECONNREFUSED', 'DATABASE_URL: no PostgreSQL answers at h/d: start it, or correct the host and port.'],
  ['28P01', 'DATABASE_URL: the PostgreSQL server at h/d refuses this user or password: correct them.'],
  ['3D000', 'DATABASE_URL: the PostgreSQL server at h/d has no such database: create it (createdb), or correct its name.'],
  ['XX000', 'DATABASE_URL: the PostgreSQL server at h/d cannot be used (two lines).'],
])('a server that answers %s is one line with advice', (code, message) => {
  expect(serverStartError(Object.assign(new Error('two\n lines'), { code }), 'h/d').message).toBe(message);
});

test.each([
  ['ENOSPC', 'LATCHKEY_DATA_DIR: the disk of /d is full: free some space, or name another directory.'],
  ['EROFS', 'LATCHKEY_DATA_DIR: /d is on a read-only disk: name a directory that can be written.'],
  ['EACCES', 'LATCHKEY_DATA_DIR: /d is not writable for this user: change its owner or permissions, or name another directory.'],
  ['other', 'LATCHKEY_DATA_DIR: the database in /d does not open (two lines).'],
])('a directory that answers %s is one line with advice', (code, message) => {
  expect(directoryStartError(Object.assign(new Error('two\n lines'), { code }), '/d').message).toBe(message);
});

test('a full disk is recognised by what the embedded database throws, too', () => {
  expect(directoryStartError({ name: 'ErrnoError', errno: 51 }, '/d').message).toContain('the disk of /d is full');
});

test.each([
  ['mysql://user:secret@localhost/db', 'this is not a PostgreSQL URL'],
  ['localhost', 'this is not a PostgreSQL URL'],
  ['postgres://user:secret@127.0.0.1:1/db', 'no PostgreSQL answers at 127.0.0.1:1/db'],
  ['postgres://user:secret@unknown.invalid/db', 'no PostgreSQL answers at unknown.invalid/db'],
])('%s does not start, and does not tell the password', async (url, message) => {
  const error = await openDatabase({ url }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(StartError);
  expect((error as Error).message).toContain(`DATABASE_URL: ${message}`);
  expect((error as Error).message).not.toContain('secret');
});

test('a server that hangs up at once does not start', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await expect(openPostgres(`postgres://user@127.0.0.1:${port}/db`, 1, 0.5)).rejects.toThrow(`no PostgreSQL answers at 127.0.0.1:${port}/db`);
  server.close();
});

test.skipIf(!process.env.DATABASE_URL)('a missing database does not start', async () => {
  const url = Object.assign(new URL(process.env.DATABASE_URL!), { pathname: '/latchkey_nowhere' }).href;
  await expect(openDatabase({ url })).rejects.toThrow('has no such database: create it');
});

test('a file in the place of the directory does not start', async () => {
  const path = join(root, 'file');
  writeFileSync(path, '');
  await expect(openDatabase({ dataDir: path })).rejects.toThrow(`LATCHKEY_DATA_DIR: ${path} is not a directory: name another one.`);
});

describe('a data directory', () => {
  const moduleUrl = new URL('./data-directory.ts', import.meta.url).href;
  const code = `import { lockDirectory } from '${moduleUrl}';
    try { await lockDirectory(process.argv[1]); console.log('held'); process.stdin.resume(); } catch (error) { console.log(error.message); }`;

  function start(directory: string) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
    return { child, line: once(child.stdout, 'data').then(([data]) => String(data).trim()) };
  }

  test('is held by one of many processes that start at once, the others say which one, and a crash frees it', async () => {
    const directory = join(root, 'new', 'data');
    const started = Array.from({ length: 6 }, () => start(directory));
    const lines = await Promise.all(started.map((process) => process.line));
    const holder = started[lines.indexOf('held')]!;
    const refusal = `LATCHKEY_DATA_DIR: ${directory} is in use by process ${holder.child.pid}: stop that one, or name another directory.`;
    expect(lines.filter((line) => line !== 'held')).toEqual(Array(5).fill(refusal));
    await expect(openDatabase({ dataDir: directory })).rejects.toThrow(refusal);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    holder.child.kill('SIGKILL');
    await once(holder.child, 'exit');
    const next = start(directory);
    expect(await next.line).toBe('held');
    next.child.kill();
  });

  test('keeps what was written, is locked only while it is open, and survives a first start that was cut short', async () => {
    const dataDir = join(root, 'kept');
    mkdirSync(join(dataDir, 'database.new'), { recursive: true });
    writeFileSync(join(dataDir, 'database.new', 'PG_VERSION'), 'half of a first start that was killed');
    const first = await openDatabase({ dataDir });
    await first.script('create table kept (id int); insert into kept values (1)');
    await expect(openDatabase({ dataDir })).rejects.toThrow(`is in use by process ${process.pid}`);
    await first.close();
    const second = await openDatabase({ dataDir });
    expect(await second.rows('select * from kept')).toEqual([{ id: 1 }]);
    await second.close();
  });

  test('loses nothing that was acknowledged when the process is killed', async () => {
    const dataDir = join(root, 'killed');
    const databaseUrl = new URL('./database.ts', import.meta.url).href;
    const writer = `import { openDatabase } from '${databaseUrl}'; const database = await openDatabase({ dataDir: process.argv[1] });
      await database.script('create table kept (id int)'); await database.transaction((tx) => tx.execute('insert into kept values (1)')); console.log('written');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    expect(String((await once(child.stdout, 'data'))[0]).trim()).toBe('written');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const database = await openDatabase({ dataDir });
    expect(await database.rows('select * from kept')).toEqual([{ id: 1 }]);
    await database.close();
  });
});
