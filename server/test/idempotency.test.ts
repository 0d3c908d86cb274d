/** A POST that is sent again with its `Idempotency-Key` is answered as it was before, and has been done once (docs/idempotency.md). */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { routes } from '../src/app.ts';
import { uuid } from '../src/kernel/id.ts';
import { takesKey } from '../src/kernel/idempotency/request-key.ts';
import { type Cast, castOf, names } from './access/cast.ts';
import { okOf, type Row } from './access/rows.ts';
import { everyRow } from './access/tables.ts';
import { type Answered, type Client, inParallel, newWorld, type Wire, type World } from './kit.ts';

const day = 86_400_000;
const replayed = (answer: Answered): boolean => answer.headers['idempotent-replayed'] === 'true';
const keyed = (client: Client, key = uuid()): Client => client.with({ 'idempotency-key': key });
const product = (name: string) => ({ data: { type: 'products', attributes: { name } } });
const source = { header: 'Idempotency-Key' };
const reused = { code: 'IDEMPOTENCY_KEY_REUSED', title: 'Unprocessable entity', source };

/** A request that its sender may send again: it never changes. */
async function requestOf({ ask, fresh, body, shared }: Row, { client, scene, make }: Cast[string]): Promise<{ client: Client; path: string; body: unknown }> {
  const records: Wire = { ...scene, ...(await fresh?.(make, scene)) };
  const path = ask.split(' ')[1]!.replace(/\{(\w+)\}/g, (_, name) => records[name].id);
  return { client: shared ? client.in('shared') : client, path, body: body?.(records) };
}

/**
 * Every route is asked successfully, within the transaction of the key. On the embedded database, which has one connection, a route that queries outside of
 * `context.db` and `context.change` would wait for itself here.
 */
describe('every POST', () => {
  const rows = everyRow.filter(({ ask, may }) => ask.startsWith('POST ') && names(may).some((name) => name !== 'N'));
  rows.push({
    ask: 'POST /users/{owner}/actions/update-password',
    needs: [],
    may: 'owner',
    ok: 200,
    async fresh(_, { owner }) {
      await world.server.update('user', owner.id, { password: 'old secret' });
      return {};
    },
    body: () => ({ meta: { oldPassword: 'old secret', newPassword: 'new secret' } }),
  });
  let world: World;
  let cast: Cast;
  beforeAll(async () => {
    world = await newWorld();
    cast = await castOf(world);
  });

  test.each(rows.map((row) => [row.ask, row] as const))('%s is done once', async (_, row) => {
    const { client, path, body } = await requestOf(row, cast[names(row.may)[0]!]!);
    const again = keyed(client);
    const first = await again.post(path, body, okOf(row));
    const second = await again.post(path, body, okOf(row));
    expect([replayed(first), replayed(second)]).toEqual([false, true]);
    expect(second.body).toBe(first.body);
    for (const name of ['content-type', 'location', 'keygen-version', 'digest']) expect(second.headers[name]).toBe(first.headers[name]);
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
  });

  test('is among them', () => {
    const shape = (path: string) => path.replace(/\?.*$/, '').replace(/\{\w+\}|:\w+/g, ':id');
    const asked = new Set(rows.map(({ ask }) => shape(ask.split(' ')[1]!)));
    const served = routes.filter((route) => route.methods.includes('POST') && takesKey(route)).map(({ path }) => shape(path));
    expect(served.filter((path) => !asked.has(path))).toEqual([]);
  });
});

describe('a request', () => {
  let world: World;
  let admin: Client;
  beforeEach(async () => {
    world = await newWorld();
    admin = await world.as('admin');
  });

  test('a repeated request makes one record, one event and two entries of the request log, with the response in both', async () => {
    const again = keyed(admin);
    const [first, second] = [await again.post('/products', product('Rocket'), 201), await again.post('/products', product('Rocket'), 201)];
    expect(second.data).toEqual(first.data);
    expect(await world.count('products')).toBe(1);
    expect((await world.emitted()).filter((event) => event === 'product.created')).toHaveLength(1);
    const logs = await world.server.sql(`select response_body from request_logs where account_id = $1 and method = 'POST'`, [world.account.id]);
    expect(logs).toHaveLength(2);
    expect(logs[1]!.response_body).toBe(logs[0]!.response_body);
  });

  test('a repeated validation is remembered and told of once', async () => {
    const license = await world.create('license');
    const again = keyed(admin);
    await inParallel(2, () => again.post(`/licenses/${license.id}/actions/validate`, undefined, 200));
    expect((await world.emitted()).filter((event) => event.startsWith('license.validation'))).toHaveLength(1);
  });

  test('of twenty at once one does the work, and all get its answer', async () => {
    const license = await world.create('license');
    const again = keyed(admin);
    const answers = await inParallel(20, () => again.post(`/licenses/${license.id}/actions/increment-usage`, { meta: { increment: 3 } }));
    const done = answers.filter(({ status }) => status === 200);
    for (const { status, errors } of answers) if (status !== 200) expect([status, errors[0].code]).toEqual([409, 'IDEMPOTENCY_KEY_IN_USE']);
    expect(done.filter((answer) => !replayed(answer))).toHaveLength(1);
    expect(new Set(done.map(({ data }) => data.attributes.uses))).toEqual(new Set([3]));
    expect((await world.emitted()).filter((event) => event === 'license.usage.incremented')).toHaveLength(1);
  });

  test('secrets come again, and are sealed where they are kept', async () => {
    const again = keyed(admin);
    const user = await world.create('user');
    const [first, second] = await inParallel(2, () => again.post(`/users/${user.id}/tokens`, undefined, 200));
    const { token } = first!.data.attributes;
    expect(second!.data.attributes.token).toBe(token);
    const [row] = await world.server.sql('select * from idempotency_keys');
    expect(JSON.stringify(row)).not.toContain(token);
  });

  test('a response has the signature and the rate limits of its own request', async () => {
    const again = keyed(admin);
    world.server.clock.freeze('2030-01-01T00:00:00Z');
    const first = await again.post('/products', product('Rocket'), 201);
    world.server.clock.travel(60_000);
    const second = await again.post('/products', product('Rocket'), 201);
    expect(second.headers.digest).toBe(first.headers.digest);
    expect([first, second].map(({ headers }) => headers.date)).toEqual(['Tue, 01 Jan 2030 00:00:00 GMT', 'Tue, 01 Jan 2030 00:01:00 GMT']);
    expect(second.headers['keygen-signature']).not.toBe(first.headers['keygen-signature']);
  });

  describe('the key', () => {
    const url = '/products';
    const key = 'order-4711';

    test.each<[string, (client: Client) => Promise<Answered>]>([
      ['body', (client) => client.post(url, product('Other'))],
      ['path', (client) => client.post('/groups', product('Rocket'))],
      ['query', (client) => client.post(`${url}?a=1`, product('Rocket'))],
      ['environment', async (client) => client.in(await world.create('environment', { isolation_strategy: 'SHARED' })).post(url, product('Rocket'))],
    ])('with another %s is refused', async (_, ask) => {
      await keyed(admin, key).post(url, product('Rocket'), 201);
      const { status, errors } = await ask(keyed(admin, key));
      expect(status).toBe(422);
      expect(errors).toMatchObject([reused]);
      expect(errors[0].links.about).toMatch(/idempotency\/$/);
      expect(await world.count('products')).toBe(1);
    });

    test('of another bearer is another key', async () => {
      const other = await world.as('developer');
      const answers = [await keyed(admin, key).post(url, product('Rocket'), 201), await keyed(other, key).post(url, product('Rocket'), 201)];
      expect(answers.map(replayed)).toEqual([false, false]);
      expect(await world.count('products')).toBe(2);
    });

    test('counts for all credentials of a bearer that may do the same', async () => {
      const user = await world.create('user', { role: 'admin' });
      const withToken = async (attributes: object = {}) => {
        const { secret } = await world.create('token', { bearer_id: user.id, ...attributes });
        return keyed(world.anonymous().with({ authorization: `Bearer ${secret}` }), key);
      };
      await (await withToken()).post(url, product('Rocket'), 201);
      expect(replayed(await (await withToken()).post(url, product('Rocket'), 201))).toBe(true);
      const narrow = await (await withToken({ permissions: ['license.validate'] })).post(url, product('Rocket'), 422);
      expect(narrow.errors).toMatchObject([reused]);
    });

    test('is forgotten after a day, and then deleted', async () => {
      const again = keyed(admin, key);
      await again.post(url, product('Rocket'), 201);
      world.server.clock.travel(day - 60_000);
      expect(replayed(await again.post(url, product('Rocket'), 201))).toBe(true);
      world.server.clock.travel(60_001);
      expect(replayed(await again.post(url, product('Saturn'), 201))).toBe(false);
      expect(await world.count('products')).toBe(2);
      await world.server.jobs.cron('idempotency-keys.prune');
      expect(await world.count('idempotency_keys')).toBe(1);
      world.server.clock.travel(day);
      await world.server.jobs.cron('idempotency-keys.prune');
      expect(await world.count('idempotency_keys')).toBe(0);
    });

    test('of a request that was refused can be used again', async () => {
      const license = await world.create('license', { suspended: true });
      const again = keyed(admin, key);
      const { status } = await again.post(`/licenses/${license.id}/actions/suspend`);
      expect(status).toBe(422);
      await world.server.update('license', license.id, { suspended: false });
      expect(replayed(await again.post(`/licenses/${license.id}/actions/suspend`, undefined, 200))).toBe(false);
      expect(replayed(await again.post(`/licenses/${license.id}/actions/suspend`, undefined, 200))).toBe(true);
    });

    test('does not open anything to those who are not let in', async () => {
      const client = keyed(world.anonymous().with({ authorization: 'Bearer admin-nobody' }), key);
      await client.post(url, product('Rocket'), 401);
      expect(await world.count('idempotency_keys')).toBe(0);
    });

    test('of nobody is not looked at', async () => {
      const license = await world.create('license');
      const again = keyed(world.anonymous(), 'x'.repeat(999));
      const answers = [1, 2].map(() => again.post('/licenses/actions/validate-key', { meta: { key: license.key } }, 200));
      expect((await Promise.all(answers)).map(replayed)).toEqual([false, false]);
    });

    test('is not looked at on other methods', async () => {
      const { id } = await world.create('product');
      const again = keyed(admin, 'x'.repeat(999));
      for (const name of ['One', 'Two']) expect((await again.patch(`/products/${id}`, product(name), 200)).data.attributes.name).toBe(name);
      await again.get(`/products/${id}`, 200);
      await again.delete(`/products/${id}`, undefined, 204);
    });

    test.each([
      ['empty', ''],
      ['blank', '   '],
      ['longer than 255 characters', 'x'.repeat(256)],
    ])('that is %s is refused', async (_, bad) => {
      const { errors } = await keyed(admin, bad).post(url, product('Rocket'), 400);
      expect(errors).toMatchObject([{ title: 'Bad request', code: 'IDEMPOTENCY_KEY_INVALID', source }]);
      expect(await world.count('products')).toBe(0);
    });

    test('may have 255 characters', async () => {
      await keyed(admin, 'x'.repeat(255)).post(url, product('Rocket'), 201);
    });
  });

  test('a response comes again in the API version of the first request', async () => {
    const license = await world.create('license');
    const again = keyed(admin);
    const path = `/licenses/${license.id}/actions/suspend`;
    const [first, second] = [await again.at('1.5').post(path, undefined, 200), await again.post(path, undefined, 200)];
    expect([second.body, second.headers['keygen-version']]).toEqual([first.body, '1.5']);
  });
});
