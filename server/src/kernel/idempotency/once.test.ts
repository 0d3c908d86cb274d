import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keyring } from '../crypto/sealing.ts';
import { afterCommit, type Database, openDatabase } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import { testDatabases } from '../database/test-databases.ts';
import type { Context } from '../http/context.ts';
import type { Services } from '../services.ts';
import { answerOnce, type Written } from './once.ts';
import type { RequestKey } from './request-key.ts';

const tables = `
  create table idempotency_keys (account_id uuid, bearer text, key text, fingerprint text not null, response text, created_at timestamptz(3) not null,
    primary key (account_id, bearer, key));
  create table works (what text)`;
const accountId = '5f7a1c1e-0000-4000-8000-000000000001';
const request: RequestKey = { accountId, bearer: 'user:ada', key: 'key', fingerprint: 'abc' };
const ring = keyring(randomBytes(32));
const now = new Date('2030-01-01T00:00:00Z');

/** A process of an installation. */
const processOn = (database: Database, requestTimeoutMs = 40): Services => ({ database, ring, config: { requestTimeoutMs } }) as unknown as Services;
const contextOf = (services: Services): Context => ({ services, now, version: '1.8', outer: undefined }) as unknown as Context;
const works = async (database: Database) => (await database.rows('select what from works')).map(({ what }) => what);

/** A program that gets as far as having done the work, says so, and stays there. */
const halfWay = (url: string): string => `
  import { randomBytes } from 'node:crypto';
  import { sql } from 'drizzle-orm';
  import { keyring } from '${new URL('../crypto/sealing.ts', import.meta.url)}';
  import { openDatabase } from '${new URL('../database/database.ts', import.meta.url)}';
  import { answerOnce } from '${new URL('./once.ts', import.meta.url)}';
  const services = { database: await openDatabase({ url: '${url}' }), ring: keyring(randomBytes(32)), config: { requestTimeoutMs: 40 } };
  const context = { services, now: new Date('${now.toISOString()}'), version: '1.8' };
  await answerOnce(context, ${JSON.stringify(request)}, async () => {
    await context.outer.execute(sql\`insert into works values ('half')\`);
    console.log('half way');
    await new Promise(() => {});
  });`;

/** Work that can be told to end. */
function slow() {
  let end = (): void => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, told };
}

/** Writes a row where the route's work goes. */
async function write(context: Context, what: string): Promise<Written> {
  await context.outer!.execute(sql`insert into works values (${what})`);
  return { status: 201, body: what, type: 'text/plain' };
}

describe.each(testDatabases())('on $name', ({ name, open, url }) => {
  let database: Database;
  let address: string | undefined;
  beforeAll(async () => {
    address = await url?.();
    database = address === undefined ? await open() : await openDatabase({ url: address });
    await database.script(tables);
    return () => database.close();
  });
  afterEach(() => database.script('delete from idempotency_keys; delete from works'));

  const attempt = (services: Services, what = 'done', wait: Promise<void> = Promise.resolve(), asked = request): Promise<Written> => {
    const context = contextOf(services);
    return answerOnce(context, asked, async () => {
      const written = await write(context, what);
      await wait;
      return written;
    });
  };

  test('the second answer is the first, and is marked', async () => {
    const services = processOn(database);
    expect(await attempt(services, 'first')).toEqual({ status: 201, body: 'first', type: 'text/plain' });
    expect(await attempt(services, 'second')).toEqual({ status: 201, body: 'first', type: 'text/plain', headers: { 'Idempotent-Replayed': 'true' } });
    expect(await works(database)).toEqual(['first']);
  });

  test('bytes and empty bodies come back as they were', async () => {
    const services = processOn(database);
    for (const [key, written] of [
      ['bytes', { status: 200, body: Buffer.from([0, 255, 128]), type: 'application/octet-stream', headers: { location: '/here' } }],
      ['none', { status: 204, body: '' }],
    ] as const) {
      const asked = { ...request, key };
      await answerOnce(contextOf(services), asked, async () => written);
      const again = await answerOnce(contextOf(services), asked, () => Promise.reject(new Error('worked twice')));
      expect(again).toMatchObject(written);
    }
  });

  test('work that fails is undone, keeps no answer, and lets nothing out that waits for its commit', async () => {
    const services = processOn(database);
    const told: string[] = [];
    const context = contextOf(services);
    const failing = answerOnce(context, request, async () => {
      afterCommit(context.outer!, () => told.push('committed'));
      await write(context, 'half');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(context.outer).toBeUndefined();
    expect(await works(database)).toEqual([]);
    expect(await attempt(services, 'whole')).not.toHaveProperty('headers');
    expect([await works(database), told]).toEqual([['whole'], []]);
  });

  test('whoever comes while the first is at it waits for its answer', async () => {
    const services = processOn(database, 10_000);
    const { end, told } = slow();
    const all = Array.from({ length: 20 }, (_, n) => attempt(services, `${n}`, told));
    end();
    const answers = await Promise.all(all);
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['0']));
    expect(answers.filter(({ headers }) => headers?.['Idempotent-Replayed'] === 'true')).toHaveLength(19);
    expect(await works(database)).toEqual(['0']);
  });

  test('whoever has waited too long is told so', async () => {
    const services = processOn(database);
    const { end, told } = slow();
    const first = attempt(services, 'first', told);
    await expect(attempt(services)).rejects.toMatchObject({ kind: 'IDEMPOTENCY_KEY_IN_USE', status: 409 });
    end();
    await first;
    expect(await attempt(services)).toMatchObject({ body: 'first' });
  });

  test('another request with the key is refused', async () => {
    const services = processOn(database);
    await attempt(services);
    const other = attempt(services, 'other', undefined, { ...request, fingerprint: 'def' });
    await expect(other).rejects.toMatchObject({ kind: 'IDEMPOTENCY_KEY_REUSED', status: 422 });
    expect(await works(database)).toEqual(['done']);
  });

  // Only a server has several processes.
  describe.runIf(name === 'postgres')('several processes', () => {
    let other: Database;
    beforeAll(async () => {
      other = await openDatabase({ url: address! });
      return () => other.close();
    });

    test('the second waits for the first of another process', async () => {
      const { end, told } = slow();
      const first = attempt(processOn(database, 10_000), 'first', told);
      const second = attempt(processOn(other, 10_000), 'second');
      end();
      const answers = await Promise.all([first, second]);
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(await works(database)).toHaveLength(1);
    });

    test('it is told so when that takes too long', async () => {
      const { end, told } = slow();
      const begun = slow();
      const context = contextOf(processOn(database));
      const first = answerOnce(context, request, async () => {
        begun.end();
        await told;
        return write(context, 'first');
      });
      await begun.told;
      await expect(attempt(processOn(other))).rejects.toMatchObject({ kind: 'IDEMPOTENCY_KEY_IN_USE', status: 409 });
      end();
      await first;
      expect(await works(database)).toEqual(['first']);
    });

    test('the wait for the key is no limit for the locks that the work needs', async () => {
      const context = contextOf(processOn(database));
      const { body } = await answerOnce(context, request, async () => {
        const [row] = (await context.outer!.execute(sql`select current_setting('lock_timeout') as limit`)) as unknown as { limit: string }[];
        return { status: 200, body: row!.limit };
      });
      expect(body).toBe('0');
    });

    test('a process that is killed half way leaves no trace: whoever waits for it does the work', async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', halfWay(address!)], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      const second = attempt(processOn(database, 10_000), 'whole');
      child.kill('SIGKILL');
      expect(await second).toMatchObject({ body: 'whole' });
      expect(await works(database)).toEqual(['whole']);
    });
  });
});
