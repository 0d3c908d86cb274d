import { access, always, type Bearer, lax, strict } from '../kernel/access/access.ts';
import type { SettingRecord } from './setting.records.ts';

const keepers = always('admin', 'developer');

/** To everybody else there are no settings (spec/accounts.md 6.2). */
export const settingAccess = access<SettingRecord, 'list' | 'show' | 'create' | 'update' | 'delete'>({
  visible: {
    staff: ({ role }: Bearer) => role === 'admin' || role === 'developer',
    environment: false,
    product: false,
    user: false,
    license: false,
    anonymous: false,
  },
  may: {
    list: lax('account.read', keepers),
    show: lax('account.read', keepers),
    create: strict('account.update', keepers),
    update: strict('account.update', keepers),
    delete: strict('account.update', keepers),
  },
});
