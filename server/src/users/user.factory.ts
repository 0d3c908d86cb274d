import { defaultPermissions } from '../kernel/access/permissions.ts';
import type { Role } from '../kernel/access/roles.ts';
import { hashPassword } from '../kernel/crypto/passwords.ts';
import { factory } from '../testkit/factory.ts';
import { users } from './user.table.ts';

export const userFactory = factory({
  type: 'user',
  table: users,
  defaults: ({ sequence }, given) => {
    const role = String(given.role ?? 'user').replace('_', '-') as Role;
    return { email: `user-${sequence}@example.com`, role: 'user', permissions: [...defaultPermissions[role]] };
  },
  async prepare(_, { password, ...attributes }) {
    const columns = { ...attributes };
    if (typeof attributes.role === 'string') columns.role = attributes.role.replace('-', '_');
    if (typeof attributes.email === 'string') columns.email = attributes.email.trim().toLowerCase();
    if (password !== undefined) columns.password_digest = password === null ? null : await hashPassword(String(password), 'cheap');
    return { columns };
  },
});
