/** Members as those who may look into a group see them: all of them, a product only its own (spec/licensing.md 4.4). Only owners of the group get as far among users. */
import { always, each, staff, type Visible } from '../kernel/access/access.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { licenseAccess } from '../licenses/license.access.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { type LicenseRecord, licenseRecords } from '../licenses/license.records.ts';
import { machineAccess } from '../machines/machine.access.ts';
import { machineDocument } from '../machines/machine.document.ts';
import { type MachineRecord, machineRecords } from '../machines/machine.records.ts';
import { userAccess } from '../users/user.access.ts';
import { userDocument } from '../users/user.document.ts';
import { userRecords } from '../users/user.records.ts';
import { idsOfProductUsers } from '../users/user.sight.ts';
import { users } from '../users/user.table.ts';

/** The members that their own resource shows to products, and all to the others. */
const below = ({ product }: Visible): Visible => ({ staff: true, environment: true, product, user: true, license: false, anonymous: false });
const others = { ...staff, ...always('environment', 'user') };

/** A single user of the group a product gets in any case. */
export const memberUsers = {
  records: userRecords,
  document: userDocument,
  access: {
    ...userAccess,
    visible: { ...below(userAccess.visible), product: ({ id }, { accountId }) => sql`${users.id} in ${idsOfProductUsers(accountId, id)}` } satisfies Visible,
  },
};

export const memberLicenses = {
  of: { records: licenseRecords, document: licenseDocument, access: { ...licenseAccess, visible: below(licenseAccess.visible) } },
  each: { ...others, ...each<LicenseRecord>((bearer, { productId }) => productId === bearer.id, 'product') },
};

export const memberMachines = {
  of: { records: machineRecords, document: machineDocument, access: { ...machineAccess, visible: below(machineAccess.visible) } },
  each: { ...others, ...each<MachineRecord>((bearer, { license }) => license.productId === bearer.id, 'product') },
};
