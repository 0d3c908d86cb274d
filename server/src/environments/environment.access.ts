import { access, always, lax, staff, strict } from '../kernel/access/access.ts';
import { eq } from '../kernel/database/drizzle.ts';
import type { EnvironmentRecord } from './environment.records.ts';
import { environments } from './environment.table.ts';

const writers = always('admin', 'developer');

/** spec/environments.md 1.2 */
export const environmentAccess = access<EnvironmentRecord, 'list' | 'show' | 'create' | 'update' | 'delete'>({
  visible: { staff: true, environment: (bearer) => eq(environments.id, bearer.id), product: false, user: false, license: false, anonymous: false },
  may: {
    list: lax('environment.read', staff),
    show: lax<EnvironmentRecord>('environment.read', { ...staff, environment: (bearer, environment) => environment.id === bearer.id }),
    create: strict('environment.create', writers),
    update: strict('environment.update', writers),
    delete: strict('environment.delete', writers),
  },
});
