import { defaultPermissions, wildcard } from '../kernel/access/permissions.ts';
import type { Role } from '../kernel/access/roles.ts';
import { hashPassword } from '../kernel/crypto/passwords.ts';
import { defaultPermissionsOf } from '../settings/default-permissions.ts';
import { type Attributes, factory } from '../testkit/factory.ts';
import { normalEmail } from './user.records.ts';
import { users } from './user.table.ts';

const roleOf = (stored: unknown): Role => String(stored).replace('_', '-') as Role;

/** Whoever has what his role has by default has what the next one has; whoever has less keeps of it what the next one may have. */
function permissionsAfter(user: Attributes, role: string): string[] {
  const [old, next] = [defaultPermissions[roleOf(user.role)], defaultPermissions[roleOf(role)]];
  const has = user.permissions as string[];
  return has.length === old.length && has.every((name) => old.includes(name)) ? [...next] : has.filter((name) => name === wildcard || next.includes(name));
}

export const userFactory = factory({
  type: 'user',
  table: users,
  async defaults({ db, sequence }, given) {
    const role = roleOf(given.role ?? 'user');
    const permissions = role === 'user' ? await defaultPermissionsOf(db, String(given.account_id), 'user') : defaultPermissions[role];
    return { email: `user-${sequence}@example.com`, role: 'user', permissions: [...permissions] };
  },
  canonical: ({ role, email, ...attributes }) => ({
    ...attributes,
    ...(role !== undefined && { role: String(role).replace('-', '_') }),
    ...(email !== undefined && { email: normalEmail(String(email)) }),
  }),
  async prepare({ find }, { password, ...attributes }, how) {
    const columns = { ...attributes };
    if (how === 'update' && attributes.role !== undefined && attributes.permissions === undefined)
      columns.permissions = permissionsAfter((await find('user', { id: attributes.id }))!, String(attributes.role));
    if (password !== undefined) columns.password_digest = password === null ? null : await hashPassword(String(password), 'cheap');
    return { columns };
  },
});
