/** What a policy can be set to, value by value (spec/licensing.md 2.1 to 2.3). */
import { beforeEach, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let product: Wire;
beforeEach(async () => {
  world = await newWorld();
  product = await world.create('product');
});

const body = (attributes: object) => ({
  data: { type: 'policies', attributes: { name: 'Team', ...attributes }, relationships: { product: { data: { type: 'products', id: product.id } } } },
});
const patch = (attributes: object) => ({ data: { type: 'policies', attributes } });

const values = {
  machineUniquenessStrategy: 'UNIQUE_PER_ACCOUNT UNIQUE_PER_PRODUCT UNIQUE_PER_POLICY UNIQUE_PER_LICENSE',
  machineMatchingStrategy: 'MATCH_ANY MATCH_TWO MATCH_MOST MATCH_ALL',
  componentUniquenessStrategy: 'UNIQUE_PER_ACCOUNT UNIQUE_PER_PRODUCT UNIQUE_PER_POLICY UNIQUE_PER_LICENSE UNIQUE_PER_MACHINE',
  componentMatchingStrategy: 'MATCH_ANY MATCH_TWO MATCH_MOST MATCH_ALL',
  expirationStrategy: 'RESTRICT_ACCESS REVOKE_ACCESS MAINTAIN_ACCESS ALLOW_ACCESS',
  expirationBasis: 'FROM_CREATION FROM_FIRST_VALIDATION FROM_FIRST_ACTIVATION FROM_FIRST_DOWNLOAD FROM_FIRST_USE',
  renewalBasis: 'FROM_EXPIRY FROM_NOW FROM_NOW_IF_EXPIRED',
  transferStrategy: 'KEEP_EXPIRY RESET_EXPIRY',
  authenticationStrategy: 'TOKEN LICENSE SESSION MIXED NONE',
  machineLeasingStrategy: 'PER_LICENSE PER_USER',
  processLeasingStrategy: 'PER_MACHINE PER_LICENSE PER_USER',
  overageStrategy: 'NO_OVERAGE ALLOW_1_25X_OVERAGE ALLOW_1_5X_OVERAGE ALLOW_2X_OVERAGE ALWAYS_ALLOW_OVERAGE',
  heartbeatCullStrategy: 'DEACTIVATE_DEAD KEEP_DEAD',
  heartbeatResurrectionStrategy: 'NO_REVIVE 1_MINUTE_REVIVE 2_MINUTE_REVIVE 5_MINUTE_REVIVE 10_MINUTE_REVIVE 15_MINUTE_REVIVE ALWAYS_REVIVE',
  heartbeatBasis: 'FROM_CREATION FROM_FIRST_PING',
  checkInInterval: 'day week month year',
};

test.each(Object.entries(values))('%s may be %s', async (name, words) => {
  const admin = await world.as('admin');
  const policy = await world.create('policy', { floating: true, max_machines: 4, heartbeat_cull_strategy: 'KEEP_DEAD' });
  for (const value of words.split(' ')) {
    const { data } = await admin.patch(
      `/policies/${policy.id}`,
      patch({ requireCheckIn: name === 'checkInInterval', checkInIntervalCount: 1, [name]: value }),
      200,
    );
    expect(data.attributes[name]).toBe(value);
  }
});

const keySchemes = ['RSA_2048_PKCS1_ENCRYPT', 'RSA_2048_PKCS1_SIGN', 'RSA_2048_PKCS1_PSS_SIGN', 'RSA_2048_JWT_RS256', 'RSA_2048_PKCS1_SIGN_V2'].concat([
  'RSA_2048_PKCS1_PSS_SIGN_V2',
  'ED25519_SIGN',
  'ECDSA_P256_SIGN',
]);
test.each(keySchemes)('the scheme may be %s', async (scheme) => {
  const { data } = await (await world.as('admin')).post('/policies', body({ scheme }), 201);
  expect(data.attributes).toMatchObject({ scheme, encrypted: false });
});

const limited = ['maxMachines', 'maxProcesses', 'maxUsers', 'maxCores', 'maxMemory', 'maxDisk', 'maxUses', 'duration', 'heartbeatDuration'];
test.each([...limited, 'checkInInterval', 'checkInIntervalCount'])('takes %s away with null', async (name) => {
  const set = Object.fromEntries(limited.map((limit) => [limit, 86400]));
  const admin = await world.as('admin');
  const { data } = await admin.post('/policies', body({ floating: true, ...set, checkInInterval: 'day', checkInIntervalCount: 2 }), 201);
  const next = await admin.patch(`/policies/${data.id}`, patch({ [name]: null }), 200);
  const { updated } = next.data.attributes;
  expect(next.data.attributes).toEqual({ ...data.attributes, [name]: null, updated });
});
