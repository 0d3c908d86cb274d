import { access, always, lax, staff, strict } from '../kernel/access/access.ts';
import type { AccountRecord } from './account.records.ts';

/** spec/accounts.md 5 */
export const accountAccess = access<AccountRecord, 'show' | 'update' | 'delete'>({
  visible: { staff: true, environment: true, product: true, user: true, license: true, anonymous: false },
  may: {
    show: lax('account.read', { ...staff, ...always('environment', 'product', 'user', 'license') }),
    update: strict('account.update', always('admin', 'developer')),
    delete: strict([], {}),
  },
});
