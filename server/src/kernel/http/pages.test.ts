/** Lists over HTTP: order, pages, links (spec/http.md 8). */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type World } from '../../../test/kit.ts';

let world: World;
let admin: Client;
const ids: string[] = [];
const total = 7;

beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  ids.length = 0;
  for (let i = 0; i < total; i++) {
    // Two share each instant: the id decides between them.
    const row = await world.create('entitlement', { created_at: `2024-01-0${1 + Math.floor(i / 2)}T00:00:00Z` });
    ids.unshift(row.id);
  }
});

const newest = () => [...ids].sort((a, b) => ids.indexOf(a) - ids.indexOf(b));
const list = async (query: string, expected = 200) => {
  const { data, links, errors, json } = await admin.get(`/entitlements${query}`, expected);
  return { found: data?.map(({ id }: { id: string }) => id), links, errors, json };
};
const path = (query: string) => `/v1/accounts/${world.account.id}/entitlements?${query}`;
const offset = (number: number, size: number, more = '') => path(`${more}page%5Bnumber%5D=${number}&page%5Bsize%5D=${size}`);
const keyset = (cursor: string, size: number, more = '') => path(`${more}page%5Bcursor%5D=${cursor}&page%5Bsize%5D=${size}`);

describe('without page', () => {
  test.each([
    ['', total],
    ['?limit=3', 3],
    ['?limit=100', total],
    ['?limit=', total],
    ['?limit[]=3', total],
    ['?limit=3abc', 3],
    ['?sort=name&fields[entitlements]=code&include=account&unknown[a][b]=1', total],
    ['?page', undefined],
  ])('%s gives %j records and no links', async (query, count) => {
    if (count === undefined) return void expect((await list(query, 400)).errors[0].source).toEqual({ parameter: 'page' });
    const { found, json } = await list(query);
    expect(found).toEqual(newest().slice(0, count));
    expect(Object.keys(json)).toEqual(['data']);
  });
  test('ten by default', async () => {
    for (let i = 0; i < 5; i++) await world.create('entitlement');
    expect((await list('')).found).toHaveLength(10);
  });
  test.each(['asc', 'ASC'])('order=%s is oldest first', async (order) => expect((await list(`?order=${order}`)).found).toEqual(newest().reverse()));
  test.each(['desc', 'DESC'])('order=%s is newest first', async (order) => expect((await list(`?order=${order}`)).found).toEqual(newest()));
});

describe('by number', () => {
  test('pages cover all records once, with links to each other', async () => {
    const first = await list('?page[number]=1&page[size]=3');
    expect(first.found).toEqual(newest().slice(0, 3));
    expect(first.links).toEqual({
      self: offset(1, 3),
      prev: null,
      next: offset(2, 3),
      first: offset(1, 3),
      last: offset(3, 3),
      meta: { pages: 3, count: total },
    });
    const last = await list('?page[number]=3&page[size]=3');
    expect(last.found).toEqual(newest().slice(6));
    expect(last.links).toMatchObject({ self: offset(3, 3), prev: offset(2, 3), next: null });
    const beyond = await list('?page[number]=4&page[size]=3');
    expect(beyond.found).toEqual([]);
    expect(beyond.links).toMatchObject({ prev: null, next: null, last: offset(3, 3) });
  });
  test('an empty list has no pages', async () => {
    await world.server.sql('delete from entitlements');
    expect((await list('?page[number]=1')).links).toEqual({
      ...{ self: offset(1, 10), prev: null, next: null, first: offset(1, 10), last: offset(0, 10), meta: { pages: 0, count: 0 } },
    });
  });
  test('links keep the rest of the query, sorted and encoded, without credentials, and the path as it was sent', async () => {
    const { links } = await list('?z=1&limit=5&page[number]=1&filter[a%20b]=c/d&order=asc&z=2');
    expect(links.next).toBe(path('filter%5Ba+b%5D=c%2Fd&limit=5&order=asc&page%5Bnumber%5D=2&page%5Bsize%5D=5&z=2'));
    const secret = (await world.create('token', { bearer_id: (await world.create('user', { role: 'admin' })).id })).secret;
    for (const base of [`/v1/accounts/${world.account.slug}/entitlements`, '/v1/entitlements', '/v1/entitlements/']) {
      const response = await world.server.inject({ url: `${base}?page[number]=1&token=${secret}&auth=` });
      expect(JSON.parse(response.body).links.self).toBe(`${base}?page%5Bnumber%5D=1&page%5Bsize%5D=10`);
    }
  });
});

describe('by cursor', () => {
  test.each(['desc', 'asc'])('pages cover all records once, %s', async (order) => {
    const expected = order === 'asc' ? newest().reverse() : newest();
    const found: string[] = [];
    let url: string | null = `?page[cursor]=&page[size]=3&order=${order}`;
    const pages: unknown[] = [];
    while (url) {
      const { json } = await admin.get(`/entitlements${url}`, 200);
      found.push(...json.data.map(({ id }: { id: string }) => id));
      pages.push(json.links);
      url = json.links.next && `?${json.links.next.split('?')[1]}`;
    }
    const more = `order=${order}&`;
    expect(found).toEqual(expected);
    expect(pages).toEqual([
      { self: keyset('', 3, more), next: keyset(expected[2]!, 3, more) },
      { self: keyset(expected[2]!, 3, more), next: keyset(expected[5]!, 3, more) },
      { self: keyset(expected[5]!, 3, more), next: null },
    ]);
  });
  test('a last page that is full has no next', async () => {
    expect((await list(`?page[cursor]=${newest()[3]}&page[size]=3`)).links.next).toBeNull();
    expect((await list(`?page[cursor]=&page[size]=${total}`)).links).toEqual({ self: keyset('', total), next: null });
  });
  test('an unknown cursor, or one out of sight, gives nothing', async () => {
    const other = await world.create('entitlement', { environment_id: (await world.create('environment')).id });
    for (const cursor of ['52a26820-0caa-4bac-9ff1-27bb6ec77ac4', other.id]) {
      const { found, links } = await list(`?page[cursor]=${cursor}`);
      expect([found, links]).toEqual([[], { self: keyset(cursor, 10), next: null }]);
    }
  });
  test('outranks a number', async () => expect((await list('?page[cursor]=&page[number]=999&page[size]=2')).found).toEqual(newest().slice(0, 2)));
});

describe('is refused', () => {
  const shape = 'page must be an object containing a cursor or number and optional size';
  test.each([
    ['page=1&size=100', shape, 'page'],
    ['page=', shape, 'page'],
    ['page[]=1', shape, 'page'],
    ['page[size]=5', shape, 'page'],
    ['page[foo]=5', shape, 'page'],
    ['page[number][]=1', shape, 'page'],
    ['page%5Bnumber%5D%3D=0', shape, 'page'],
    ['page[number]=0', 'page number must be a number between 1 and 100 (got 0)', 'page[number]'],
    ['page[number]=', 'page number must be a number between 1 and 100 (got 0)', 'page[number]'],
    ['page[number]=-1', 'page number must be a number between 1 and 100 (got -1)', 'page[number]'],
    ['page[number]=abc', 'page number must be a number between 1 and 100 (got 0)', 'page[number]'],
    ['page[number]=101', 'page number must be a number between 1 and 100 (got 101, please use cursor-based pagination instead)', 'page[number]'],
    ['page[number]=0&page[size]=0', 'page number must be a number between 1 and 100 (got 0)', 'page[number]'],
    ['page[number]=1&page[size]=0', 'page size must be a number between 1 and 100 (got 0)', 'page[size]'],
    ['page[number]=1&page[size]=101', 'page size must be a number between 1 and 100 (got 101)', 'page[size]'],
    ['page[cursor]=&page[size]=-1', 'page size must be a number between 1 and 100 (got -1)', 'page[size]'],
    ['page[cursor]=foo', 'page cursor must be a valid UUID (got "foo")', 'page[cursor]'],
    ['limit=0', 'limit must be a number between 1 and 100 (got 0)', 'limit'],
    ['limit=900', 'limit must be a number between 1 and 100 (got 900)', 'limit'],
    ['limit=-900', 'limit must be a number between 1 and 100 (got -900)', 'limit'],
    ['limit=abc', 'limit must be a number between 1 and 100 (got 0)', 'limit'],
    ['order=foo', 'order is invalid', 'order'],
  ])('%s: %s', async (query, detail, parameter) => {
    const { errors } = await list(`?${query}`, 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { parameter } }]);
  });
  test.each(['page[number]=1&page=2', 'a=%4', 'a=%ff', 'a=1&a[b]=2', 'a[]=1&a[b]=2', `a${'[b]'.repeat(40)}=1`])('early: %s', async (query) => {
    const { json, headers } = await list(`?${query}`, 400).then(({ json }) => ({ json, headers: {} as Record<string, string> }));
    expect(json).toEqual({
      errors: [
        {
          title: 'Bad request',
          detail: 'The request could not be completed because it contains invalid query parameters (check encoding)',
          code: 'PARAMETERS_INVALID',
        },
      ],
    });
    expect(headers['keygen-version']).toBeUndefined();
  });
  test('before permissions', async () => {
    const license = await world.as('license', await world.create('license', { permissions: [] }));
    await license.get('/entitlements?limit=0', 400);
    await license.get('/entitlements', 403);
  });
});

test('with the order set to oldest first, lists are, and links do not tell', async () => {
  const oldest = await newWorld({ config: { listOrder: 'asc' } });
  const first = await oldest.create('entitlement');
  await oldest.create('entitlement');
  const client = await oldest.as('admin');
  const { data, links } = await client.get('/entitlements?page[number]=1&page[size]=1', 200);
  expect(data[0].id).toBe(first.id);
  expect(links.next).toBe(`/v1/accounts/${oldest.account.id}/entitlements?page%5Bnumber%5D=2&page%5Bsize%5D=1`);
  expect((await client.get('/entitlements?order=desc&limit=1', 200)).data[0].id).not.toBe(first.id);
});
