/** spec/environments.md 3 to 6 and 10 to 13, with entitlements as the resource. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
type Place = 'global' | 'isolated' | 'shared' | 'other';
let environments: Record<Place, Wire>;

beforeEach(async () => {
  world = await newWorld();
  environments = {
    global: undefined,
    isolated: await world.create('environment', { code: 'isolated' }),
    shared: await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' }),
    other: await world.create('environment', { code: 'other', isolation_strategy: 'SHARED' }),
  };
});

const places: readonly Place[] = ['global', 'isolated', 'shared', 'other'];
const idOf = (place: Place) => environments[place]?.id ?? null;
const here = (client: Client, place: Place) => (place === 'global' ? client : client.in(environments[place]));
const denied = (reason: string) => `You do not have permission to complete the request (${reason})`;
const notHere = (what: string) => denied(`${what} not compatible with the current environment`);
const update = { data: { type: 'entitlements', attributes: { name: 'New' } } };
const create = (environment?: Wire) => ({
  data: {
    type: 'entitlements',
    attributes: { name: 'A', code: 'A' },
    ...(environment !== undefined && { relationships: { environment: { data: environment } } }),
  },
});
const linkage = (place: Place) => (place === 'global' ? null : { type: 'environments', id: idOf(place) });
/** An entitlement in each place, its code the place's name. */
const everywhere = () => Promise.all(places.map((place) => world.create('entitlement', { code: place, environment_id: idOf(place) })));
const codes = ({ data }: Wire) => data.map(({ attributes }: Wire) => attributes.code).sort();

/** An admin of one place with a token of another. */
async function adminWith(token: Place, user: Place): Promise<Client> {
  const record = await world.create('user', { role: 'admin', environment_id: idOf(user) });
  const { secret } = await world.create('token', { bearer_id: record.id, environment_id: idOf(token) });
  return world.anonymous().with({ authorization: `Bearer ${secret}` });
}
const adminOf = async (place: Place) => here(await adminWith(place, place), place);

describe('what is visible, and what may be written', () => {
  test.each<[Place, Place[], Place[]]>([
    // current    visible                writable
    ['global', ['global'], ['global']],
    ['isolated', ['isolated'], ['isolated']],
    ['shared', ['global', 'shared'], ['shared']],
  ])('in %s: %j, %j', async (current, visible, writable) => {
    await everywhere();
    for (const client of [await adminOf(current), ...(current === 'global' ? [] : [here(await world.as('environment', environments[current]), current)])]) {
      expect(codes(await client.get('/entitlements', 200))).toEqual(visible);
      for (const place of places) {
        await client.get(`/entitlements/${place}`, visible.includes(place) ? 200 : 404);
        const expected = !visible.includes(place) ? 404 : writable.includes(place) ? 200 : 403;
        const { errors } = await client.patch(`/entitlements/${place}`, update, expected);
        if (expected === 403) expect(errors[0].detail).toBe(notHere('record environment is'));
        if (expected === 404) expect(errors[0].detail).toBe(`The requested entitlement '${place}' was not found`);
        if (expected !== 200) await client.delete(`/entitlements/${place}`, undefined, expected);
      }
    }
    const admin = await adminOf(current);
    for (const place of writable) await admin.delete(`/entitlements/${place}`, undefined, 204);
  });

  test('codes are unique in the account, whatever the environment', async () => {
    await world.create('entitlement', { code: 'a', environment_id: idOf('isolated') });
    expect((await (await adminOf('shared')).post('/entitlements', create(), 422)).errors[0].code).toBe('CODE_TAKEN');
  });
});

describe('credentials are found where their environment is visible', () => {
  test.each<[string, Place, Place, Place, number]>([
    // case                                      user        token       header      status
    ['a global token', 'global', 'global', 'global', 200],
    ['a global token', 'global', 'global', 'isolated', 401],
    ['a global token', 'global', 'global', 'shared', 200],
    ['an isolated token', 'isolated', 'isolated', 'global', 401],
    ['an isolated token', 'isolated', 'isolated', 'isolated', 200],
    ['an isolated token', 'isolated', 'isolated', 'shared', 401],
    ['a shared token', 'shared', 'shared', 'global', 401],
    ['a shared token', 'shared', 'shared', 'isolated', 401],
    ['a shared token', 'shared', 'shared', 'shared', 200],
    ['a shared token', 'shared', 'shared', 'other', 401],
    ['a global admin’s isolated token', 'global', 'isolated', 'isolated', 200],
    ['a global admin’s isolated token', 'global', 'isolated', 'global', 401],
    ['a global admin’s shared token', 'global', 'shared', 'shared', 200],
  ])('%s of a user in %s (token in %s), request in %s: %d', async (_, user, token, header, status) => {
    const { errors } = await here(await adminWith(token, user), header).get('/entitlements', status);
    if (status === 401) expect(errors[0].code).toBe('TOKEN_INVALID');
  });

  test.each<[Place, Place, number]>([
    ['global', 'global', 200],
    ['global', 'isolated', 401],
    ['global', 'shared', 200],
    ['isolated', 'global', 401],
    ['isolated', 'isolated', 200],
    ['shared', 'shared', 200],
    ['shared', 'other', 401],
    ['shared', 'isolated', 401],
  ])('the key of a license in %s, request in %s: %d', async (of, header, status) => {
    const policy = await world.create('policy', { authentication_strategy: 'MIXED', environment_id: idOf(of) });
    const license = await world.create('license', { policy_id: policy.id, environment_id: idOf(of) });
    const { errors } = await here(world.withKey(license), header).get('/entitlements', status);
    if (status === 401) expect(errors[0].code).toBe('LICENSE_INVALID');
  });
});

describe('the environment check names what does not fit', () => {
  test('a bearer: only global admins may act inside an isolated environment with a token of it', async () => {
    for (const [role, words] of [
      ['developer', 'developer'],
      ['read_only', 'read only'],
      ['sales_agent', 'sales agent'],
      ['support_agent', 'support agent'],
      ['user', 'user'],
    ] as const) {
      const record = await world.create('user', { role });
      const { secret } = await world.create('token', { bearer_id: record.id, environment_id: idOf('isolated') });
      const { errors } = await here(world.anonymous().with({ authorization: `Bearer ${secret}` }), 'isolated').get('/entitlements', 403);
      expect(errors[0]).toMatchObject({ title: 'Access denied', detail: notHere(`${words} environment is`) });
      expect(errors[0].code).toBeUndefined();
    }
    for (const kind of ['product', 'license'] as const) {
      const record = await world.create(kind);
      const { secret } = await world.create('token', { bearer_type: kind, bearer_id: record.id, environment_id: idOf('isolated') });
      const { errors } = await here(world.anonymous().with({ authorization: `Bearer ${secret}` }), 'isolated').get('/entitlements', 403);
      expect(errors[0].detail).toBe(notHere(`${kind} environment is`));
    }
  });

  test('an environment with a token of another place', async () => {
    const { secret } = await world.create('token', { bearer_type: 'environment', bearer_id: idOf('other'), environment_id: null });
    const { errors } = await here(world.anonymous().with({ authorization: `Bearer ${secret}` }), 'shared').get('/entitlements', 403);
    expect(errors[0].detail).toBe(notHere('environment environment is'));
  });

  test('permissions are judged before the environment, the environment before the role', async () => {
    const lacking = await world.create('user', { role: 'developer', permissions: [] });
    const { secret } = await world.create('token', { bearer_id: lacking.id, environment_id: idOf('isolated') });
    const { errors } = await here(world.anonymous().with({ authorization: `Bearer ${secret}` }), 'isolated').get('/entitlements', 403);
    expect(errors[0].detail).toBe(denied('developer lacks permission to perform action'));

    const global = await world.create('entitlement', { code: 'global' });
    const support = here(await world.as('support-agent'), 'shared');
    expect((await support.patch(`/entitlements/${global.id}`, update, 403)).errors[0].detail).toBe(notHere('record environment is'));
    expect((await (await world.as('support-agent')).patch(`/entitlements/${global.id}`, update, 403)).errors[0].detail).toBe(
      denied('ensure the token or license is allowed to access all resources'),
    );
  });
});

describe('a new record’s environment', () => {
  test.each<[Place, Place | undefined, number, Place | undefined]>([
    // current    relationship  status  what it gets
    ['global', undefined, 201, 'global'],
    ['global', 'global', 201, 'global'],
    ['global', 'isolated', 403, undefined],
    ['global', 'shared', 403, undefined],
    ['isolated', undefined, 201, 'isolated'],
    ['isolated', 'isolated', 201, 'isolated'],
    ['isolated', 'global', 403, undefined],
    ['isolated', 'shared', 403, undefined],
    ['shared', undefined, 201, 'shared'],
    ['shared', 'shared', 201, 'shared'],
    ['shared', 'global', 403, undefined],
    ['shared', 'other', 403, undefined],
  ])('in %s, named %s: %d %s', async (current, named, status, gets) => {
    const { data, errors } = await (await adminOf(current)).post('/entitlements', create(named && linkage(named)), status);
    if (gets) expect(data.relationships.environment.data).toEqual(linkage(gets));
    else expect(errors[0].detail).toBe(notHere('record environment is'));
  });

  test('that does not exist is refused as any other', async () => {
    const unknown = { type: 'environments', id: '5a1c7e0a-4b8a-4f57-8d6e-6d2a7a5d8e10' };
    for (const place of ['global', 'shared'] as const)
      expect((await (await adminOf(place)).post('/entitlements', create(unknown), 403)).errors[0].detail).toBe(notHere('record environment is'));
  });

  test('comes before validation, after the body', async () => {
    const admin = await adminOf('global');
    const bad = create(linkage('shared'));
    bad.data.attributes.code = 'actions';
    await admin.post('/entitlements', bad, 403);
    (bad.data.attributes as Wire).colour = 1;
    await admin.post('/entitlements', bad, 400);
  });

  test('is linked, and cannot be changed', async () => {
    const admin = await adminOf('shared');
    const { data } = await admin.post('/entitlements', create(), 201);
    expect(data.relationships.environment.links).toEqual({ related: `${world.base}/environments/${idOf('shared')}` });
    const relationships = { environment: { data: null } };
    const { errors } = await admin.patch('/entitlements/A', { data: { ...update.data, relationships } }, 400);
    expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: '/data/relationships' } });
  });
});

describe('events', () => {
  test('belong to the request’s environment, and reach endpoints of exactly that', async () => {
    for (const place of places) await world.create('webhook_endpoint', { environment_id: idOf(place) });
    await (await adminOf('shared')).post('/entitlements', create(), 201);
    await world.server.jobs.run();
    expect(await world.server.sql('select environment_id from event_logs')).toEqual([{ environment_id: idOf('shared') }]);
    expect(await world.server.sql('select environment_id from webhook_events')).toEqual([{ environment_id: idOf('shared') }]);
  });
});

test('a license of a global policy in a shared environment sees what it is entitled to, there', async () => {
  const license = await world.create('license');
  const own = await world.create('license_entitlement', { license_id: license.id });
  const sharedEntitlement = await world.create('entitlement', { environment_id: idOf('shared') });
  await world.create('license_entitlement', { license_id: license.id, entitlement_id: sharedEntitlement.id, environment_id: idOf('shared') });
  const client = await world.as('license', license);
  const ids = ({ data }: Wire) => data.map(({ id }: Wire) => id).sort();
  expect(ids(await client.get('/entitlements', 200))).toEqual([own.entitlement_id]);
  expect(ids(await here(client, 'shared').get('/entitlements', 200))).toEqual([own.entitlement_id, sharedEntitlement.id].sort());
  await here(client, 'isolated').get('/entitlements', 401);
});
