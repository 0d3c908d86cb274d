/** How records of different environments may belong together (spec/environments.md 6.2, 7, 8, 9). */
import { beforeEach, describe, expect, test } from 'vitest';
import { doc, to } from './access/rows.ts';
import { type Client, newWorld, type Wire, type World } from './kit.ts';

type Place = 'global' | 'isolated' | 'shared' | 'other';
let world: World;
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

const at = (place: Place) => ({ environment_id: environments[place]?.id ?? null });
const make = (type: string, place: Place, more: object = {}): Promise<Wire> => world.create(type, { ...at(place), ...more });
const here = (client: Client, place: Place): Client => (place === 'global' ? client : client.in(environments[place]));
const linkage = (place: Place): Wire => to('environments', environments[place] ?? null);
const refusal = (reason: string): string => `You do not have permission to complete the request (${reason} not compatible with the current environment)`;

/** Somebody with a password-less account and a token. */
async function staffWith(token: Place, user: Place, role = 'admin'): Promise<Client> {
  const record = await make('user', user, { role });
  const { secret } = await make('token', token, { bearer_id: record.id });
  return world.anonymous().with({ authorization: `Bearer ${secret}` });
}
/** A global admin inside a place; with a token of its own where a global one does not open it. */
const adminIn = async (place: Place): Promise<Client> => here(await staffWith(place === 'isolated' ? 'isolated' : 'global', 'global'), place);

describe('associations', () => {
  const wire: Record<string, string> = { policy: 'policies', product: 'products', license: 'licenses', machine: 'machines', group: 'groups', owner: 'users' };
  const attributesOf: Record<string, () => object> = {
    licenses: () => ({}),
    machines: () => ({ fingerprint: 'fingerprint' }),
    components: () => ({ fingerprint: 'fingerprint', name: 'New' }),
    processes: () => ({ pid: '1' }),
    policies: () => ({ name: 'New' }),
    keys: () => ({ key: 'A-NEW-KEY' }),
    users: () => ({ email: 'new@example.com' }),
    releases: () => ({ channel: 'stable', version: '1.0.0' }),
    packages: () => ({ name: 'New', key: 'new' }),
    'webhook-endpoints': () => ({ url: 'https://hooks.example.com/' }),
  };
  const more: Record<string, object> = { policy: { use_pool: true }, 'global admin': { role: 'admin' } };

  /** The record is created inside `place`; what it is to belong to is made where the row says. */
  test.each<[resource: string, place: Place, related: Record<string, Place | 'global admin'>, offends: string | undefined]>([
    ['licenses', 'isolated', { policy: 'isolated' }, undefined],
    ['licenses', 'isolated', { policy: 'isolated', owner: 'isolated' }, undefined],
    ['licenses', 'isolated', { policy: 'global' }, 'policy'],
    ['licenses', 'isolated', { policy: 'shared' }, 'policy'],
    ['licenses', 'isolated', { policy: 'isolated', owner: 'global' }, 'owner'],
    ['licenses', 'isolated', { policy: 'isolated', owner: 'global admin' }, undefined],
    ['licenses', 'isolated', { policy: 'isolated', group: 'global' }, 'group'],
    ['licenses', 'isolated', { policy: 'isolated', group: 'isolated' }, undefined],
    // only the first
    ['licenses', 'isolated', { policy: 'global', owner: 'global', group: 'global' }, 'policy'],
    ['licenses', 'isolated', { policy: 'isolated', owner: 'global', group: 'global' }, 'group'],
    ['licenses', 'shared', { policy: 'global', owner: 'global', group: 'global' }, undefined],
    ['licenses', 'shared', { policy: 'shared', owner: 'shared', group: 'shared' }, undefined],
    ['licenses', 'shared', { policy: 'other' }, 'policy'],
    ['licenses', 'shared', { policy: 'shared', owner: 'isolated' }, 'owner'],
    ['licenses', 'shared', { policy: 'shared', group: 'other' }, 'group'],
    ['licenses', 'global', { policy: 'global', owner: 'global' }, undefined],
    ['licenses', 'global', { policy: 'global', owner: 'isolated' }, 'owner'],
    ['licenses', 'global', { policy: 'global', owner: 'shared' }, 'owner'],
    ['licenses', 'global', { policy: 'global', group: 'shared' }, 'group'],
    ['machines', 'isolated', { license: 'isolated' }, undefined],
    ['machines', 'isolated', { license: 'global' }, 'license'],
    ['machines', 'isolated', { license: 'isolated', group: 'global' }, 'group'],
    ['machines', 'shared', { license: 'global' }, undefined],
    ['machines', 'shared', { license: 'other' }, 'license'],
    ['machines', 'global', { license: 'global', group: 'shared' }, 'group'],
    ['components', 'isolated', { machine: 'global' }, 'machine'],
    ['components', 'shared', { machine: 'global' }, undefined],
    ['components', 'shared', { machine: 'other' }, 'machine'],
    ['processes', 'isolated', { machine: 'global' }, 'machine'],
    ['processes', 'shared', { machine: 'global' }, undefined],
    ['processes', 'shared', { machine: 'other' }, 'machine'],
    ['policies', 'isolated', { product: 'global' }, 'product'],
    ['policies', 'shared', { product: 'global' }, undefined],
    ['policies', 'shared', { product: 'other' }, 'product'],
    ['releases', 'isolated', { product: 'isolated' }, undefined],
    ['releases', 'isolated', { product: 'global' }, 'product'],
    ['releases', 'shared', { product: 'global' }, undefined],
    ['releases', 'shared', { product: 'other' }, 'product'],
    ['releases', 'global', { product: 'global' }, undefined],
    ['packages', 'isolated', { product: 'isolated' }, undefined],
    ['packages', 'isolated', { product: 'global' }, 'product'],
    ['packages', 'shared', { product: 'global' }, undefined],
    ['packages', 'shared', { product: 'other' }, 'product'],
    ['packages', 'global', { product: 'global' }, undefined],
    ['keys', 'isolated', { policy: 'global' }, 'policy'],
    ['keys', 'shared', { policy: 'global' }, undefined],
    ['keys', 'shared', { policy: 'other' }, 'policy'],
    ['users', 'isolated', { group: 'global' }, 'group'],
    ['users', 'shared', { group: 'global' }, undefined],
    ['users', 'global', { group: 'shared' }, 'group'],
    ['webhook-endpoints', 'isolated', { product: 'global' }, 'product'],
    ['webhook-endpoints', 'shared', { product: 'global' }, undefined],
    ['webhook-endpoints', 'shared', { product: 'other' }, 'product'],
  ])('%s in %s of %j: %s', async (resource, place, related, offends) => {
    const relationships: Wire = {};
    for (const [name, where] of Object.entries(related)) {
      const kind = name === 'owner' ? 'user' : name;
      const record = await make(kind, where === 'global admin' ? 'global' : where, { ...(resource === 'keys' && more[kind]), ...more[where] });
      relationships[name] = to(wire[name]!, record);
    }
    const sent = doc(resource, attributesOf[resource]!(), Object.keys(relationships).length > 0 && relationships);
    const { errors, data } = await (await adminIn(place)).post(`/${resource}`, sent, offends ? 422 : 201);
    if (!offends) return expect(data.relationships.environment.data).toEqual(linkage(place).data);
    const pointer = '/data/relationships/environment';
    const error = {
      title: 'Unprocessable resource',
      detail: `must be compatible with ${offends} environment`,
      code: 'ENVIRONMENT_NOT_ALLOWED',
      source: { pointer },
    };
    expect(errors).toEqual([expect.objectContaining(error)]);
  });

  test.each<[Place, string | undefined, number, string]>([
    ['isolated', 'not named', 403, refusal('record environment is')],
    ['shared', 'not named', 403, refusal('record environment is')],
    ['isolated', 'null', 422, 'must be compatible with policy environment'],
    ['shared', 'null', 422, 'must be compatible with policy environment'],
  ])('from the global environment, a license of a policy in %s, its environment %s: %d', async (place, named, status, detail) => {
    const policy = await make('policy', place);
    const relationships = { policy: to('policies', policy), ...(named === 'null' && { environment: { data: null } }) };
    expect((await (await adminIn('global')).post('/licenses', doc('licenses', {}, relationships), status)).errors[0].detail).toBe(detail);
  });

  test.each(['licenses', 'policies', 'releases', 'packages', 'keys', 'machines', 'components', 'processes'])(
    'from the global environment, %s would inherit their parent’s',
    async (resource) => {
      const parent = {
        licenses: 'policy',
        policies: 'product',
        releases: 'product',
        packages: 'product',
        keys: 'policy',
        machines: 'license',
        components: 'machine',
        processes: 'machine',
      }[resource]!;
      const record = await make(parent, 'shared', resource === 'keys' ? { use_pool: true } : {});
      const sent = doc(resource, attributesOf[resource]!(), { [parent]: to(wire[parent]!, record) });
      expect((await (await adminIn('global')).post(`/${resource}`, sent, 403)).errors[0].detail).toBe(refusal('record environment is'));
    },
  );
});

describe('attach and detach', () => {
  /** [parent, path below it, what is attached, its join record] */
  const joins: [parent: string, path: string, attached: string, join: string, column: string][] = [
    ['license', 'licenses/:id/entitlements', 'entitlement', 'license_entitlement', 'license_id'],
    ['license', 'licenses/:id/users', 'user', 'license_user', 'license_id'],
    ['policy', 'policies/:id/entitlements', 'entitlement', 'policy_entitlement', 'policy_id'],
    ['group', 'groups/:id/owners', 'user', 'group_owner', 'group_id'],
  ];
  const allowed: [parent: Place, current: Place, records: Place[]][] = [
    ['global', 'global', ['global']],
    ['global', 'shared', ['shared']],
    ['shared', 'shared', ['shared', 'global']],
    ['isolated', 'isolated', ['isolated']],
  ];
  const cases = joins.flatMap((join) => allowed.map((row) => [join[1], ...row, join] as const));

  test.each(cases)('%s: of a parent in %s, from %s, only records of %j', async (_, parentPlace, current, records, [parent, path, attached, join, column]) => {
    const parentRecord = await make(parent, parentPlace);
    const admin = await adminIn(current);
    const target = `/${path.replace(':id', parentRecord.id)}`;
    const wireType = attached === 'user' ? 'users' : 'entitlements';
    const sent = (...made: Wire[]) => ({ data: made.map(({ id }) => ({ type: wireType, id })) });
    const refused = refusal("a record's environment is");
    const fits = await make(attached, records[0]!);

    for (const place of ['global', 'isolated', 'shared', 'other'] as const) {
      const record = await make(attached, place);
      if (records.includes(place)) {
        const { data } = await admin.post(target, sent(record), 200);
        expect(data[0].relationships.environment.data).toEqual(linkage(current).data);
        await admin.delete(target, sent(record), 204);
        continue;
      }
      expect((await admin.post(target, sent(record), 403)).errors[0].detail).toBe(refused);
      // one that does not fit refuses them all
      expect((await admin.post(target, sent(fits, record), 403)).errors[0].detail).toBe(refused);
      await world.create(join, { ...at(place), [column]: parentRecord.id, [`${attached}_id`]: record.id });
      expect((await admin.delete(target, sent(record), 403)).errors[0].detail).toBe(refused);
    }
    const ids = await world.server.sql(
      `select ${attached}_id as id from ${join === 'policy_entitlement' ? 'policy_entitlements' : `${join}s`} where ${column} = $1`,
      [parentRecord.id],
    );
    expect(ids).not.toContainEqual({ id: fits.id });
  });
});

describe('relationship updates inside a shared environment', () => {
  const record = refusal('record environment is');
  const none = refusal('record is');
  test.each<[path: string, related: string, given: Place | 'nothing' | 'unknown', refused: string | undefined]>([
    ['licenses/policy', 'policy', 'shared', undefined],
    ['licenses/policy', 'policy', 'global', record],
    ['licenses/policy', 'policy', 'other', record],
    ['licenses/policy', 'policy', 'unknown', none],
    ['licenses/group', 'group', 'shared', undefined],
    ['licenses/group', 'group', 'global', record],
    ['licenses/group', 'group', 'nothing', none],
    ['licenses/group', 'group', 'unknown', none],
    ['machines/group', 'group', 'shared', undefined],
    ['machines/group', 'group', 'global', record],
    ['machines/group', 'group', 'nothing', none],
    ['machines/group', 'group', 'unknown', none],
    // the user itself is what counts
    ['users/group', 'group', 'shared', undefined],
    ['users/group', 'group', 'global', undefined],
    ['users/group', 'group', 'nothing', undefined],
  ])('%s: the new %s is %s', async (path, related, given, refused) => {
    const [plural, member] = path.split('/');
    const target = await make(plural!.slice(0, -1), 'shared');
    const type = related === 'policy' ? 'policies' : 'groups';
    const to_ = given === 'nothing' ? null : given === 'unknown' ? { id: '5a1c7e0a-4b8a-4f57-8d6e-6d2a7a5d8e10' } : await make(related, given);
    const { errors } = await (await adminIn('shared')).put(`/${plural}/${target.id}/${member}`, to(type, to_), refused ? 403 : 200);
    if (refused) expect(errors[0].detail).toBe(refused);
  });

  test.each<[path: string, current: Place | 'nobody', from: Place, refused: string | undefined]>([
    ['licenses/owner', 'shared', 'shared', undefined],
    ['licenses/owner', 'global', 'shared', record],
    ['licenses/owner', 'nobody', 'shared', none],
    ['licenses/owner', 'nobody', 'global', undefined],
    ['licenses/owner', 'global', 'global', undefined],
    ['licenses/user', 'shared', 'shared', undefined],
    ['licenses/user', 'global', 'shared', record],
    ['licenses/user', 'nobody', 'shared', none],
    ['machines/owner', 'shared', 'shared', undefined],
    ['machines/owner', 'global', 'shared', record],
    ['machines/owner', 'nobody', 'shared', none],
    ['machines/owner', 'nobody', 'global', undefined],
  ])('%s: the current owner is %s, from %s', async (path, current, from, refused) => {
    const [plural, member] = path.split('/');
    const owner = current === 'nobody' ? {} : { owner_id: (await make('user', current)).id };
    const next = await make('user', from);
    const license = await make('license', from, plural === 'licenses' ? owner : {});
    await make('license_user', from, plural === 'machines' ? { license_id: license.id, user_id: next.id } : {});
    const target = plural === 'machines' ? await make('machine', from, { license_id: license.id, ...owner }) : license;
    const { errors } = await (await adminIn(from)).put(`/${plural}/${target.id}/${member}`, to('users', next), refused ? 403 : 200);
    if (refused) expect(errors[0].detail).toBe(refused);
  });
});

describe('tokens', () => {
  const named = (place: Place | undefined) => (place === undefined ? undefined : doc('tokens', {}, { environment: linkage(place) }));

  test.each<[who: string, user: Place, header: Place, named: Place | undefined, status: number, outcome: Place | string]>([
    ['admin', 'isolated', 'isolated', undefined, 201, 'isolated'],
    ['admin', 'global', 'isolated', undefined, 201, 'isolated'],
    ['admin', 'global', 'global', 'isolated', 201, 'isolated'],
    ['admin', 'global', 'global', 'shared', 201, 'shared'],
    ['admin', 'global', 'shared', undefined, 201, 'shared'],
    ['admin', 'shared', 'shared', undefined, 201, 'shared'],
    ['admin', 'global', 'global', undefined, 201, 'global'],
    ['admin', 'shared', 'isolated', undefined, 401, 'EMAIL_INVALID'],
    ['admin', 'isolated', 'shared', undefined, 401, 'EMAIL_INVALID'],
    ['admin', 'isolated', 'global', undefined, 401, 'EMAIL_INVALID'],
    ['admin', 'shared', 'global', undefined, 401, 'EMAIL_INVALID'],
    ['admin', 'isolated', 'isolated', 'global', 403, refusal('record environment is')],
    ['admin', 'global', 'isolated', 'global', 403, refusal('record environment is')],
    ['admin', 'global', 'shared', 'global', 403, refusal('record environment is')],
    ['admin', 'shared', 'shared', 'isolated', 403, refusal('record environment is')],
    ['admin', 'isolated', 'isolated', 'shared', 403, refusal('record environment is')],
    ['developer', 'global', 'global', 'isolated', 422, 'must be compatible with bearer environment'],
    ['read_only', 'global', 'global', 'isolated', 422, 'must be compatible with bearer environment'],
    ['user', 'global', 'global', 'isolated', 422, 'must be compatible with bearer environment'],
    ['user', 'global', 'global', 'shared', 201, 'shared'],
    ['developer', 'global', 'isolated', undefined, 401, 'EMAIL_INVALID'],
    ['user', 'global', 'isolated', undefined, 401, 'EMAIL_INVALID'],
  ])('by password, %s of %s in %s, for %s: %d %s', async (role, user, header, environment, status, outcome) => {
    await make('user', user, { role, email: 'ada@example.com', password: 'correct horse' });
    const basic = { authorization: `Basic ${Buffer.from('ada@example.com:correct horse').toString('base64')}` };
    const { data, errors, headers } = await here(world.anonymous().with(basic), header).post('/tokens', named(environment), status);
    if (status === 201) expect(data.relationships.environment.data).toEqual(linkage(outcome as Place).data);
    else expect([errors[0].code, errors[0].detail]).toContain(outcome);
    expect(headers['keygen-environment']).toBe(environments[header]?.code);
  });

  test.each<[parent: string, of: Place, header: Place, named: Place | undefined, status: number, outcome: Place | undefined]>([
    ...(['product', 'license'] as const).flatMap((parent): [string, Place, Place, Place | undefined, number, Place | undefined][] => [
      [parent, 'global', 'global', undefined, 200, 'global'],
      [parent, 'global', 'shared', undefined, 200, 'shared'],
      [parent, 'shared', 'shared', undefined, 200, 'shared'],
      [parent, 'isolated', 'isolated', undefined, 200, 'isolated'],
      [parent, 'global', 'isolated', undefined, 404, undefined],
      [parent, 'shared', 'global', undefined, 404, undefined],
      [parent, 'global', 'shared', 'global', 403, undefined],
      [parent, 'global', 'shared', 'other', 403, undefined],
      [parent, 'global', 'global', 'shared', 403, undefined],
    ]),
    ['user', 'global', 'global', undefined, 200, 'global'],
    ['user', 'global', 'global', 'shared', 200, 'shared'],
    ['user', 'global', 'shared', undefined, 200, 'shared'],
    ['user', 'shared', 'shared', undefined, 200, 'shared'],
    ['user', 'global', 'isolated', undefined, 404, undefined],
    ['user', 'global', 'shared', 'global', 403, undefined],
    ['user', 'global', 'global', 'isolated', 422, undefined],
  ])('of a %s in %s, from %s, for %s: %d %s', async (parent, of, header, environment, status, outcome) => {
    const record = await make(parent, of);
    const { data, errors } = await (await adminIn(header)).post(`/${parent}s/${record.id}/tokens`, named(environment), status);
    if (outcome) expect(data.relationships.environment.data).toEqual(linkage(outcome).data);
    if (status === 403) expect(errors[0].detail).toBe(refusal('record environment is'));
    if (status === 422) expect(errors[0].detail).toBe('must be compatible with bearer environment');
  });

  test.each<[who: string, of: Place, header: Place, named: Place | undefined, status: number]>([
    ['its admin', 'isolated', 'isolated', undefined, 201],
    ['its admin', 'isolated', 'isolated', 'isolated', 201],
    ['its admin', 'isolated', 'isolated', 'global', 403],
    ['its admin', 'isolated', 'isolated', 'shared', 403],
    ['a global admin', 'isolated', 'isolated', undefined, 201],
    ['a global admin', 'shared', 'shared', undefined, 201],
    ['a global admin', 'shared', 'global', undefined, 403],
    ['a global admin', 'shared', 'global', 'shared', 403],
    ['a global admin', 'isolated', 'global', undefined, 403],
    ['a global admin', 'shared', 'shared', 'other', 403],
    ['itself', 'shared', 'shared', undefined, 403],
  ])('of an environment: %s, %s, from %s, for %s: %d', async (who, of, header, environment, status) => {
    const client =
      who === 'itself'
        ? here(await world.as('environment', environments[of]), header)
        : who === 'its admin'
          ? here(await staffWith(of, of), header)
          : await adminIn(header);
    const { data, errors } = await client.post(`/environments/${environments[of].id}/tokens`, named(environment), status);
    if (status === 201)
      expect(data).toMatchObject({ attributes: { kind: 'environment-token', expiry: null }, relationships: { environment: linkage(of), bearer: linkage(of) } });
    else
      expect(errors[0].detail).toBe(
        who === 'itself'
          ? 'You do not have permission to complete the request (environment lacks permission to perform action)'
          : refusal('record environment is'),
      );
  });

  test.each<[of: Place, from: Place, listed: boolean, shown: number]>([
    ['shared', 'shared', true, 200],
    ['isolated', 'isolated', true, 200],
    // found by id from everywhere, listed only where it is visible
    ['shared', 'global', false, 200],
    ['isolated', 'global', false, 200],
  ])('of the environment %s, read from %s', async (of, from, listed, shown) => {
    const token = await make('token', of, { bearer_type: 'environment', bearer_id: environments[of].id });
    await make('token', of, { bearer_id: (await make('user', of)).id });
    const admin = await adminIn(from);
    const path = `/environments/${environments[of].code}/tokens`;
    expect((await admin.get(path, 200)).data.map(({ id }: Wire) => id)).toEqual(listed ? [token.id] : []);
    await admin.get(`${path}/${token.id}`, shown);
  });
});
