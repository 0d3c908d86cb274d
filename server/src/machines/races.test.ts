import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { type Attributes, type Client, inParallel, newWorld, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const license = (policy: Attributes = {}, attributes: Attributes = {}) =>
  world.create('policy', { floating: true, max_machines: null, ...policy }).then(({ id }) => world.create('license', { policy_id: id, ...attributes }));
const activation = (license: Attributes, fingerprint: unknown, attributes: Attributes = {}, relationships: Attributes = {}) => ({
  data: {
    type: 'machines',
    attributes: { fingerprint: `f${fingerprint}`, ...attributes },
    relationships: { license: { data: { type: 'licenses', id: license.id } }, ...relationships },
  },
});
const statuses = (answers: { status: number }[], status: number) => answers.filter((answer) => answer.status === status).length;

/** The license's counters, and what they must be. */
async function counted(id: string): Promise<[string[], string[]]> {
  const row = (await world.server.find('license', { id }))!;
  const [sums] = await world.server.sql(
    `select count(*)::text as machines, coalesce(sum(cores), 0)::text as cores, coalesce(sum(memory), 0)::text as memory, coalesce(sum(disk), 0)::text as disk
     from machines where license_id = $1`,
    [id],
  );
  const kept = [row.machines_count, row.machines_core_count, row.machines_memory, row.machines_disk].map(String);
  return [kept, [sums!.machines, sums!.cores, sums!.memory, sums!.disk].map(String)];
}

test('of 50 activations at once a license for 5 takes 5', async () => {
  const mine = await license({ max_machines: 5, max_cores: 20 });
  const admin = await world.as('admin');
  const answers = await inParallel(50, (index) => admin.post('/machines', activation(mine, index, { cores: 4 })));
  expect([statuses(answers, 201), statuses(answers, 422)]).toEqual([5, 45]);
  const [kept, real] = await counted(mine.id);
  expect(kept).toEqual(['5', '20', '0', '0']);
  expect(real).toEqual(kept);
});

test('cores, memory and disk never exceed their limits, whoever is first', async () => {
  const mine = await license({ max_cores: 10, max_memory: 100, max_disk: 1000, machine_leasing_strategy: 'PER_USER' });
  const admin = await world.as('admin');
  const answers = await inParallel(12, (index) => admin.post('/machines', activation(mine, index, { cores: 3, memory: 10, disk: 10 })));
  expect([statuses(answers, 201), statuses(answers, 422)]).toEqual([3, 9]);
});

test('of equal fingerprints at once one is taken, in each scope', async () => {
  const admin = await world.as('admin');
  const product = await world.create('product');
  for (const machine_uniqueness_strategy of ['UNIQUE_PER_LICENSE', 'UNIQUE_PER_POLICY', 'UNIQUE_PER_ACCOUNT']) {
    const policy = await world.create('policy', { product_id: product.id, floating: true, machine_uniqueness_strategy });
    const first = await world.create('license', { policy_id: policy.id });
    const second = machine_uniqueness_strategy === 'UNIQUE_PER_LICENSE' ? first : await world.create('license', { policy_id: policy.id });
    const answers = await inParallel(10, (index) => admin.post('/machines', activation(index % 2 ? first : second, machine_uniqueness_strategy)));
    expect(statuses(answers, 201)).toBe(1);
    expect(statuses(answers, 422) + statuses(answers, 409)).toBe(9);
  }
});

test('of equal component fingerprints at once one is taken in the account', async () => {
  const admin = await world.as('admin');
  const mine = await license({ component_uniqueness_strategy: 'UNIQUE_PER_ACCOUNT' });
  const components = { components: { data: ['b', 'a'].map((fingerprint) => ({ type: 'components', attributes: { fingerprint, name: 'Part' } })) } };
  const answers = await inParallel(8, async (index) =>
    admin.post('/machines', activation(index % 2 ? mine : await license({ component_uniqueness_strategy: 'UNIQUE_PER_ACCOUNT' }), index, {}, components)),
  );
  expect([statuses(answers, 201), statuses(answers, 422)]).toEqual([1, 7]);
  expect(await world.count('components')).toBe(2);
});

test('of machines that enter a group at once it takes as many as it holds', async () => {
  const admin = await world.as('admin');
  const group = await world.create('group', { max_machines: 2 });
  const answers = await inParallel(8, async (index) => admin.post('/machines', activation(await license({}, { group_id: group.id }), index)));
  expect([statuses(answers, 201), statuses(answers, 422)]).toEqual([2, 6]);
});

test('a seat that is given up can be taken at once, and never by two', async () => {
  const mine = await license({ max_machines: 2 });
  await world.create('machine', { license_id: mine.id });
  const leaving = await world.create('machine', { license_id: mine.id });
  const admin = await world.as('admin');
  const answers = await inParallel(11, (index) => (index === 5 ? admin.delete(`/machines/${leaving.id}`) : admin.post('/machines', activation(mine, index))));
  expect(statuses(answers, 204)).toBe(1);
  expect(statuses(answers, 201)).toBeLessThanOrEqual(1);
  const [kept, real] = await counted(mine.id);
  expect(kept).toEqual(real);
});

test('a machine that is deleted twice at once goes once', async () => {
  const mine = await license();
  const machine = await world.create('machine', { license_id: mine.id, cores: 3 });
  const admin = await world.as('admin');
  const answers = await inParallel(6, () => admin.delete(`/machines/${machine.id}`));
  expect([statuses(answers, 204), statuses(answers, 404)]).toEqual([1, 5]);
  const [kept] = await counted(mine.id);
  expect(kept).toEqual(['0', '0', '0', '0']);
  expect(await world.emitted()).toEqual(['machine.deleted']);
});

test('a token never activates more than it may', async () => {
  const mine = await license();
  const { secret, id } = await world.create('token', { bearer_type: 'license', bearer_id: mine.id, max_activations: 3 });
  const client = world.anonymous().with({ authorization: `Bearer ${secret}` });
  const answers = await inParallel(10, (index) => client.post('/machines', activation(mine, index)));
  expect(statuses(answers, 201)).toBeLessThanOrEqual(3);
  expect(statuses(answers, 201) + statuses(answers, 422) + statuses(answers, 409)).toBe(10);
  expect((await world.server.find('token', { id }))!.activations).toBe(statuses(answers, 201));
  expect(await world.count('machines')).toBe(statuses(answers, 201));
});

test.each(['PER_MACHINE', 'PER_LICENSE', 'PER_USER'])('two processes cannot both lease the last seat %s', async (process_leasing_strategy) => {
  const mine = await license({ max_processes: 3, process_leasing_strategy });
  const first = await world.create('machine', { license_id: mine.id });
  const second = process_leasing_strategy === 'PER_MACHINE' ? first : await world.create('machine', { license_id: mine.id });
  const admin = await world.as('admin');
  const answers = await inParallel(10, (index) =>
    admin.post('/processes', {
      data: {
        type: 'processes',
        attributes: { pid: `${index}` },
        relationships: { machine: { data: { type: 'machines', id: (index % 2 ? first : second).id } } },
      },
    }),
  );
  expect([statuses(answers, 201), statuses(answers, 422)]).toEqual([3, 7]);
});

type Act = { kind: 'create' | 'update' | 'delete' | 'reown'; machine: number; cores: number | null; memory: number | null };
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('create', 'create', 'update', 'delete', 'reown' as const),
  machine: fc.integer({ min: 0, max: 7 }),
  cores: fc.option(fc.integer({ min: 1, max: 6 })),
  memory: fc.option(fc.integer({ min: 1, max: 6 })),
});

async function perform(client: Client, mine: Attributes, owner: string, { kind, machine, cores, memory }: Act): Promise<number> {
  const path = `/machines/f${machine}`;
  const answers = {
    create: () => client.post('/machines', activation(mine, machine, { cores, memory })),
    update: () => client.patch(path, { data: { type: 'machines', attributes: { cores, memory } } }),
    delete: () => client.delete(path),
    reown: () => client.put(`${path}/owner`, { data: cores === null ? null : { type: 'users', id: owner } }),
  };
  return (await answers[kind]()).status;
}

test('whatever happens to machines, in whatever order, counters are the sums and limits hold', async () => {
  const owner = await world.create('user');
  const client = await world.as('admin');
  const limits = { max_machines: 5, max_cores: 15, max_memory: 12 };
  const { id: policy_id } = await world.create('policy', { floating: true, ...limits });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 5 }), async (rounds) => {
      const mine = await world.create('license', { policy_id, owner_id: owner.id });
      for (const round of rounds) {
        const answers = await Promise.all(round.map((one) => perform(client, mine, owner.id, one)));
        for (const status of answers) expect([200, 201, 204, 404, 409, 422]).toContain(status);
        const [kept, real] = await counted(mine.id);
        expect(kept).toEqual(real);
        const [machines, cores, memory] = kept.map(Number);
        expect([machines! <= limits.max_machines, cores! <= limits.max_cores, memory! <= limits.max_memory]).toEqual([true, true, true]);
      }
      await world.server.sql('delete from machines where license_id = $1', [mine.id]);
    }),
    { numRuns: 6 },
  );
});
