/** What everybody sees in lists: the visible sets (spec/auth.md 10.4, spec/licensing.md 0.3). Customers hold every permission that they can be given. */
import { beforeAll, expect, test } from 'vitest';
import { type Cast, castOf, customers, customersOf, everybody, names } from './access/cast.ts';
import { type Scene, sceneOf } from './access/scene.ts';
import { newWorld, type Wire } from './kit.ts';

let cast: Cast;
beforeAll(async () => {
  const world = await newWorld();
  cast = { ...(await castOf(world)), ...(await customersOf(world, await sceneOf(world, { permissions: ['*'] }), customers)) };
});

/** Who is shown which records of the scene; whoever is not named is refused, and by a parent's path may be told that there is none. */
const lists: [path: string, seen: Record<string, string>][] = [
  ['/settings', { 'A D': 'setting' }],
  ['/environments', { S5: 'environment shared' }],
  [
    '/users',
    {
      'S5 E P*': 'owner licensee operator groupOwner stranger owner2 member',
      E2: '',
      'licensed L': 'owner licensee operator',
      groupOwner: 'groupOwner',
      member: 'member',
      stranger: 'stranger',
      L2: 'owner2',
    },
  ],
  ['/users?roles[]=admin', { S5: 'admin', 'E2 P* U* L*': '' }],
  [
    '/tokens',
    {
      S5: 'ownerToken licenseToken productToken adminToken developerToken',
      E: 'ownerToken licenseToken productToken developerToken environmentToken',
      P: 'ownerToken licenseToken productToken',
      'E2 P2 U* L2': '',
      owner: 'ownerToken',
      L: 'licenseToken',
    },
  ],
  ['/webhook-endpoints', { 'A D RO E': 'endpoint endpoint2 generalEndpoint', E2: '', P: 'endpoint', P2: 'endpoint2' }],
  ['/webhook-events', { 'A D RO E': 'webhookEvent webhookEvent2 generalWebhookEvent', E2: '', P: 'webhookEvent', P2: 'webhookEvent2' }],
  ['/event-logs', { 'A D RO E': 'eventLog', E2: '' }],
  ['/request-logs', { 'A D RO E': 'requestLog', E2: '' }],
  ['/entitlements', { 'S5 E P*': 'entitlement inherited entitlement2 loose', 'E2 U*': '', 'licensed L': 'entitlement inherited', L2: 'entitlement2' }],
  ['/groups', { 'S5 E P*': 'group group2', 'E2 U* L2': '', 'member groupOwner L': 'group' }],
  ['/groups/{group}/owners', { 'S5 E P* member groupOwner L': 'groupOwnership' }],
  // products are shown members with a license of theirs
  ['/groups/{group}/users', { 'S5 E groupOwner': 'member', 'P*': '' }],
  ['/groups/{group}/licenses', { 'S5 E P groupOwner': 'license', P2: '' }],
  ['/groups/{group}/machines', { 'S5 E P groupOwner': 'machine', P2: '' }],
  ['/keys', { 'S5 E': 'key key2', E2: '', P: 'key', P2: 'key2' }],
  ['/policies', { 'S5 E': 'policy nextPolicy pooled policy2', P: 'policy nextPolicy pooled', 'P2 L2': 'policy2', 'E2 U*': '', 'licensed L': 'policy' }],
  ['/policies/{policy}/licenses', { 'S5 E P': 'license' }],
  ['/policies/{policy}/entitlements', { 'S5 E P': 'inherited' }],
  ['/policies/{pooled}/pool', { 'S5 E P': 'key' }],
  ['/products', { 'S5 E': 'product product2', 'E2 U*': '', 'licensed L': 'product', L2: 'product2' }],
  ['/products/{product}/policies', { 'S5 E P': 'policy nextPolicy pooled' }],
  ['/products/{product}/licenses', { 'S5 E P': 'license' }],
  ['/products/{product}/machines', { 'S5 E P': 'machine' }],
  ['/products/{product}/users', { 'S5 E P': 'owner licensee operator' }],
  ['/products/{product}/tokens', { 'S5 E P': 'productToken' }],
  ['/licenses', { 'S5 E': 'license license2', 'E2 U*': '', 'P licensed': 'license', P2: 'license2' }],
  ['/licenses/{license}/users', { 'S5 E P licensed L': 'owner licensee operator' }],
  ['/licenses/{license}/entitlements', { 'S5 E P licensed L': 'entitlement inherited' }],
  ['/licenses/{license}/machines', { 'S5 E P licensed L': 'machine' }],
  ['/licenses/{license}/tokens', { 'S5 E P': 'licenseToken' }],
  ['/users/{owner}/licenses', { 'S5 E P owner': 'license', P2: '' }],
  ['/users/{owner}/machines', { 'S5 E P owner': 'machine', P2: '' }],
  ['/users/{owner}/products', { 'S5 E P owner': 'product', P2: '' }],
  ['/users/{owner}/tokens', { 'S5 E P owner': 'ownerToken', P2: '' }],
  ...['machine', 'component', 'process'].map((name): [string, Record<string, string>] => [
    `/${name}${name === 'process' ? 'es' : 's'}`,
    { 'S5 E': `${name} ${name}2`, 'P licensed L': name, 'P2 L2': `${name}2`, 'E2 groupOwner member stranger': '' },
  ]),
  ['/releases', { 'S5 E': 'release newer release2', 'E2 groupOwner member stranger N': '', 'P licensed L': 'release newer', 'P2 L2': 'release2' }],
  ['/releases/{release}/constraints', { 'S5 E P licensed L': 'constraint' }],
  ['/releases/{release}/entitlements', { 'S5 E P licensed L': 'entitlement' }],
  ['/products/{product}/releases', { 'S5 E P licensed L': 'release newer' }],
  ['/artifacts', { 'E2 groupOwner member stranger N': '', 'P licensed L': 'artifact', 'P2 L2': 'artifact2', 'S5 E': 'artifact artifact2' }],
  ['/releases/{release}/artifacts', { 'S5 E P licensed L': 'artifact' }],
  ['/products/{product}/artifacts', { 'S5 E P licensed L': 'artifact' }],
  ['/packages', { 'S5 E': 'package package2', 'E2 groupOwner member stranger N': '', 'P licensed L': 'package', 'P2 L2': 'package2' }],
  ['/products/{product}/packages', { 'S5 E P licensed L': 'package' }],
  ...['channel', 'platform', 'arch', 'engine'].flatMap((name): [string, Record<string, string>][] => {
    const type = name === 'arch' ? 'arches' : `${name}s`;
    return [
      [`/${type}`, { 'S5 E P licensed L': name, 'E2 P2 L2 groupOwner member stranger N': '' }],
      [`/products/{product}/${type}`, { 'S5 E P licensed L': name }],
    ];
  }),
  ['/machines/{machine}/components', { 'S5 E P licensed L': 'component' }],
  ['/machines/{machine}/processes', { 'S5 E P licensed L': 'process' }],
];

const sorted = (text: string): string => words(text).sort().join(' ');
const words = (text: string): string[] => text.split(' ').filter((name) => name !== '');
const labelsOf = (data: Wire, scene: Scene): string =>
  sorted(
    Object.keys(scene)
      .filter((name) => data.some(({ id }: Wire) => id === scene[name].id))
      .join(' '),
  );

test.each(lists)('%s', async (path, seen) => {
  const expected: Record<string, string> = {};
  for (const [who, labels] of Object.entries(seen)) for (const name of names(who)) expected[name] = sorted(labels);
  const actual: Record<string, string> = {};
  for (const name of everybody) {
    const { client, scene } = cast[name]!;
    const target = path.replace(/\{(\w+)\}/, (_, record) => scene[record].id);
    const { status, data } = await client.get(`${target}${path.includes('?') ? '&' : '?'}limit=100`);
    if (status === 200) actual[name] = labelsOf(data, scene);
  }
  expect(actual).toEqual(expected);
});
