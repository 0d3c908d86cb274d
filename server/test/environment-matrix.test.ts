/** What environments let through: every row of the access matrix that is about a record, asked from inside them (spec/environments.md 3, 5, 8.1, 10, 12). */
import { beforeAll, describe, expect, test } from 'vitest';
import { customersOf, names } from './access/cast.ts';
import { answerTo, okOf, type Row, reasons } from './access/rows.ts';
import { type Maker, type Scene, sceneOf } from './access/scene.ts';
import { accounts, licensing } from './access/tables.ts';
import { type Client, newWorld, type Wire, type World } from './kit.ts';

type Place = 'global' | 'shared' | 'isolated';
/** Somebody in an environment, and how it stands to what he asks about. */
interface Asker {
  /** The name of his kind in the rows. */
  as: string;
  client: Client;
  asksAbout: { [P in Place]?: 'own' | 'global' | 'invisible' };
}

let places: Record<Place, { scene: Scene; make: Maker }>;
let askers: Record<string, Asker>;

async function adminOf(world: World, token: Wire, user?: Wire): Promise<Client> {
  const record = await world.create('user', { role: 'admin', environment_id: user?.id ?? null });
  const { secret } = await world.create('token', { bearer_id: record.id, environment_id: token?.id ?? null });
  return world.anonymous().with({ authorization: `Bearer ${secret}` });
}

beforeAll(async () => {
  const world = await newWorld();
  const shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
  const isolated = await world.create('environment', { code: 'isolated' });
  places = {
    global: await sceneOf(world),
    shared: await sceneOf(world, { environment: shared }),
    isolated: await sceneOf(world, { environment: isolated }),
  };
  const inShared = { shared: 'own', global: 'global', isolated: 'invisible' } as const;
  const inIsolated = { isolated: 'own', global: 'invisible', shared: 'invisible' } as const;
  const customers = await customersOf(world, places.global, ['P', 'owner', 'L']);
  askers = {
    'the shared environment': { as: 'E', client: (await world.as('environment', shared)).in('shared'), asksAbout: inShared },
    'an admin of the shared environment': { as: 'A', client: (await adminOf(world, shared, shared)).in('shared'), asksAbout: inShared },
    'a global admin in the shared environment': {
      as: 'A',
      client: (await adminOf(world, undefined)).in('shared'),
      asksAbout: { shared: 'own', global: 'global' },
    },
    'the isolated environment': { as: 'E', client: (await world.as('environment', isolated)).in('isolated'), asksAbout: inIsolated },
    'a global admin in the isolated environment': {
      as: 'A',
      client: (await adminOf(world, isolated)).in('isolated'),
      asksAbout: { isolated: 'own', global: 'invisible' },
    },
    // what is theirs is global
    ...Object.fromEntries(
      Object.entries(customers).map(([as, { client }]) => [
        `global ${as} in the shared environment`,
        { as, client: client.in('shared'), asksAbout: { global: 'global' } },
      ]),
    ),
  };
});

/** Reads, and what a shared environment may do to global records (spec/environments.md 5.2, 5.3, 9.2). */
const laxRequests = [
  /^GET (?!.*check-out)/,
  /\/actions\/(validate|ping|ping-heartbeat|reset|reset-heartbeat|generate-offline-proof)$/,
  /^DELETE .*\/pool$/,
  /^POST \/(users|products|licenses)\/\{\w+\}\/tokens$/,
];
/** Groups themselves are looked up in the whole account. */
const ofWholeAccount = /^\w+ \/groups\/\{group\}$/;
const attachesOrDetaches = /^(POST|DELETE) .*\}\/(entitlements|users|owners|constraints)$/;

const isCreation = (row: Row): boolean => names(row.also?.[422]).includes('E2');

function promised(row: Row, standing: 'own' | 'global' | 'invisible'): string {
  const ok = String(okOf(row));
  if (standing === 'own') return ok;
  // what they create for records that are not theirs
  if (isCreation(row)) return standing === 'global' ? ok : '422';
  if (standing === 'invisible') return ofWholeAccount.test(row.ask) ? `403 ${reasons.record}` : '404';
  if (laxRequests.some((request) => request.test(row.ask))) return ok;
  return `403 ${attachesOrDetaches.test(row.ask) ? "a record's environment is not compatible with the current environment" : reasons.record}`;
}

const { accounts: _account, environments: _environments, ...scoped } = accounts;
for (const [name, rows] of Object.entries({ ...scoped, ...licensing })) {
  const about = rows.filter((row) => !row.ownToken && row.may && (row.ask.includes('{') || isCreation(row)));
  describe(name, () => {
    test.each(about.map((row) => [row.ask, row] as const))('%s', async (_, row) => {
      const [actual, expected]: Record<string, string>[] = [{}, {}];
      for (const [who, { as, client, asksAbout }] of Object.entries(askers)) {
        if (!names(row.may).includes(as)) continue;
        for (const [place, standing] of Object.entries(asksAbout)) {
          const { scene, make } = places[place as Place];
          const asked = `${who}: ${place}`;
          expected![asked] = promised(row, standing);
          const made = row.fresh && expected![asked] === String(okOf(row)) ? await row.fresh(make, scene) : {};
          actual![asked] = await answerTo(client, row, { ...scene, ...made });
        }
      }
      expect(actual).toEqual(expected);
    });
  });
}
