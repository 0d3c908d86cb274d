import { and, eq, sql } from '../kernel/database/drizzle.ts';
import { parseTime } from '../kernel/http/time.ts';
import { keygenNames } from '../kernel/names.ts';
import { popKey } from '../keys/pop-key.ts';
import { machines } from '../machines/machine.table.ts';
import { defaultPermissionsOf } from '../settings/default-permissions.ts';
import { type Attributes, type FactoryContext, factory } from '../testkit/factory.ts';
import { initialExpiry } from './expiry.ts';
import { keyOf } from './license.key.ts';
import { licenses, licenseUsers } from './license.table.ts';

const limits = ['machines', 'processes', 'users', 'cores', 'memory', 'disk', 'uses'];

const aliases = {
  ...Object.fromEntries(limits.map((limit) => [`max_${limit}_override`, `max_${limit}`])),
  user_id: 'owner_id',
  version: 'last_validated_version',
};

const instant = (value: unknown): Date | null => (value instanceof Date ? value : value === null || value === undefined ? null : parseTime(String(value)));
const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

const policyOf = async ({ find }: FactoryContext, id: unknown): Promise<Attributes> => (await find('policy', { id }))!;

/** The key columns of a license: what was given is what its scheme signs or encrypts. Nothing given is what its policy's pool has, if anything. */
async function keyed(context: FactoryContext, attributes: Attributes): Promise<{ columns: Attributes; plain: Attributes }> {
  const policy = await policyOf(context, attributes.policy_id);
  const owner = attributes.owner_id ? await context.find('user', { id: attributes.owner_id }) : undefined;
  const account = await context.account(String(attributes.account_id));
  const subject = {
    id: String(attributes.id),
    accountId: String(attributes.account_id),
    productId: String(attributes.product_id),
    createdAt: instant(attributes.created_at)!,
    expiry: instant(attributes.expiry),
    policy: { id: String(policy.id), duration: policy.duration as number | null, scheme: text(policy.scheme), encrypted: policy.encrypted === true },
    owner: owner ? { id: String(owner.id), email: String(owner.email) } : null,
  };
  const isPooled = attributes.key === undefined && policy.use_pool === true;
  const pooled = isPooled ? await popKey(context, { id: subject.policy.id, accountId: subject.accountId }) : undefined;
  const made = await keyOf(subject, pooled?.key ?? text(attributes.key), { keys: account!.keys, issuer: keygenNames.issuer, cheap: true });
  if ('subject' in made) throw new TypeError(`no key for a license: ${made.detail}`);
  const { key, rawKey } = made;
  return { columns: { ...attributes, key }, plain: rawKey === undefined ? { key } : { key: rawKey, raw: rawKey } };
}

export const licenseFactory = factory({
  type: 'license',
  table: licenses,
  parents: { policy_id: 'policy' },
  aliases,
  async defaults(context, given) {
    const policy = await policyOf(context, given.policy_id);
    const owner = given.owner_id ? await context.find('user', { id: given.owner_id }) : undefined;
    const created = instant(given.created_at) ?? context.now;
    const life = { duration: policy.duration as number | null, expirationBasis: text(policy.expiration_basis) };
    return {
      product_id: policy.product_id,
      group_id: owner?.group_id ?? null,
      protected: policy.protected,
      expiry: initialExpiry(null, life, 'FROM_CREATION', created),
      last_check_in_at: policy.require_check_in === true ? created : null,
      permissions: [...(await defaultPermissionsOf(context.db, String(given.account_id), 'license'))],
    };
  },
  async prepare(context, attributes, how) {
    if (how === 'create') return keyed(context, attributes);
    const columns = attributes.policy_id === undefined ? attributes : { product_id: (await policyOf(context, attributes.policy_id)).product_id, ...attributes };
    if (attributes.key === undefined) return { columns };
    const { columns: whole, plain } = await keyed(context, { ...(await context.find('license', { id: attributes.id })), ...columns });
    return { columns: { ...columns, key: whole.key }, plain };
  },
  async after({ db }, row, before) {
    if (before === undefined || before.policy_id === row.policy_id) return;
    const below = and(eq(machines.accountId, String(row.account_id)), eq(machines.licenseId, String(row.id)));
    await db
      .update(machines)
      .set({ policyId: String(row.policy_id) })
      .where(below);
  },
});

export const licenseUserFactory = factory({
  type: 'license_user',
  table: licenseUsers,
  parents: { license_id: 'license', user_id: 'user' },
  async after({ db }, row, before) {
    const { accountId, licenseId } = licenseUsers;
    for (const id of new Set([row.license_id, before?.license_id ?? row.license_id])) {
      const count = sql`(select count(*) from ${licenseUsers} where ${accountId} = ${row.account_id} and ${licenseId} = ${id})`;
      await db.execute(sql`update ${licenses} set users_count = ${count} where account_id = ${row.account_id} and id = ${id}`);
    }
  },
});
