import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
});

const kinds = ['user', 'license', 'machine'] as const;
const unknown = '0b7f6b0e-9c59-4f5e-9f43-0c5a8a1f4d11';
const attribute = (kind: string, limit: number) => ({ [`max_${kind}s`]: limit });
const linkage = (type: string, id: unknown) => ({ data: { type, id } });
const join = (kind: string, member: Wire, group: { id: unknown }) => admin.put(`/${kind}s/${member.id}/group`, linkage('groups', group.id));

const documents = {
  user: async (group: Wire) => ({ type: 'users', attributes: { email: 'new@example.com' }, relationships: { group } }),
  license: async (group: Wire) => ({ type: 'licenses', relationships: { policy: linkage('policies', (await world.create('policy')).id), group } }),
  machine: async (group: Wire) => ({
    type: 'machines',
    attributes: { fingerprint: 'new' },
    relationships: { license: linkage('licenses', (await world.create('license')).id), group },
  }),
};

describe.each(kinds)('a %s', (kind) => {
  const full = (limit: number) => ({
    detail: `${kind} count has exceeded maximum allowed by current group (${limit})`,
    code: `GROUP_${kind.toUpperCase()}_LIMIT_EXCEEDED`,
    source: { pointer: '/data/relationships/group' },
  });

  test('enters a group as long as there is room', async () => {
    const group = await world.create('group', attribute(kind, 1));
    expect((await join(kind, await world.create(kind), group)).status).toBe(200);
    const { errors } = await join(kind, await world.create(kind), group);
    expect(errors).toMatchObject([full(1)]);
    const created = await admin.post(`/${kind}s`, { data: await documents[kind](linkage('groups', group.id)) }, 422);
    expect(created.errors).toMatchObject([full(1)]);
  });

  test.each([0, -1])('never enters a group with room for %d', async (limit) => {
    const group = await world.create('group', attribute(kind, limit));
    expect((await join(kind, await world.create(kind), group)).errors).toMatchObject([full(limit)]);
  });

  test('is not stopped by the limits for others', async () => {
    const others = Object.assign({}, ...kinds.filter((name) => name !== kind).map((name) => attribute(name, 0)));
    const group = await world.create('group', others);
    await admin.post(`/${kind}s`, { data: await documents[kind](linkage('groups', group.id)) }, 201);
  });

  test('stays when the limit is lowered, and can still be changed', async () => {
    const group = await world.create('group', attribute(kind, 1));
    const member = await world.create(kind, { group_id: group.id });
    await world.server.update('group', group.id, attribute(kind, 0));
    await admin.patch(`/${kind}s/${member.id}`, { data: { type: `${kind}s`, attributes: { metadata: { a: 1 } } } }, 200);
  });

  test('may be given the full group that it is in', async () => {
    const group = await world.create('group', attribute(kind, 1));
    expect((await join(kind, await world.create(kind, { group_id: group.id }), group)).status).toBe(200);
  });

  test('cannot enter an unknown group', async () => {
    const { errors } = await join(kind, await world.create(kind), { id: unknown });
    expect(errors).toMatchObject([{ detail: 'must exist', code: 'GROUP_NOT_FOUND', source: { pointer: '/data/relationships/group' } }]);
  });

  test('of 50 that come at once as many enter as there is room for', async () => {
    const group = await world.create('group', attribute(kind, 7));
    const members: Wire[] = [];
    const parent =
      kind === 'machine' ? { license_id: (await world.create('license')).id } : kind === 'license' ? { policy_id: (await world.create('policy')).id } : {};
    for (let n = 0; n < 50; n++) members.push(await world.create(kind, parent));
    const answers = await inParallel(50, (index) => join(kind, members[index], group));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(43);
    expect(await world.server.sql(`select id from ${kind}s where group_id = $1`, [group.id])).toHaveLength(7);
  });
});

test.each(['license', 'machine'] as const)('a %s does not enter a full group in the name of one that is in it', async (kind) => {
  const group = await world.create('group', attribute(kind, 1));
  const { id } = await world.create(kind, { group_id: group.id });
  const { errors } = await admin.post(`/${kind}s`, { data: { ...(await documents[kind](linkage('groups', group.id))), id } }, 422);
  expect(errors).toEqual(
    expect.arrayContaining([expect.objectContaining({ code: 'ID_CONFLICT' }), expect.objectContaining({ code: `GROUP_${kind.toUpperCase()}_LIMIT_EXCEEDED` })]),
  );
});
