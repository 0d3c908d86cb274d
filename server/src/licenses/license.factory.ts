import { defaultPermissions } from '../kernel/access/permissions.ts';
import { newUnsignedKey } from '../kernel/crypto/plain-keys.ts';
import { factory } from '../testkit/factory.ts';
import { licenses, licenseUsers } from './license.table.ts';

export const licenseFactory = factory({
  type: 'license',
  table: licenses,
  parents: { policy_id: 'policy' },
  aliases: Object.fromEntries(['machines', 'processes', 'users', 'cores', 'memory', 'disk', 'uses'].map((limit) => [`max_${limit}_override`, `max_${limit}`])),
  async defaults({ find }, given) {
    const policy = (await find('policy', { id: given.policy_id }))!;
    return { product_id: policy.product_id, protected: policy.protected, key: newUnsignedKey(), permissions: [...defaultPermissions.license] };
  },
});

export const licenseUserFactory = factory({ type: 'license_user', table: licenseUsers, parents: { license_id: 'license', user_id: 'user' } });
