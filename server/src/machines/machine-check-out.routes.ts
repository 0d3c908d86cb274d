import { componentDocument } from '../components/component.document.ts';
import { componentRecords } from '../components/component.records.ts';
import { components } from '../components/component.table.ts';
import { eq } from '../kernel/database/drizzle.ts';
import { environmentOf, groupOf, licenseIncludes, theOne, userOf } from '../licenses/check-out.license.ts';
import { checkOutRoutes } from '../licenses/check-out.run.ts';
import { checkedOutJob, type Include } from '../licenses/check-out.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import type { License } from '../licenses/license.table.ts';
import { machineAccess as access } from './machine.access.ts';
import { machineDocument as document } from './machine.document.ts';
import { type MachineRecord, machineRecords as records } from './machine.records.ts';
import { machineRules as rules } from './machine.rules.ts';
import { machines } from './machine.table.ts';

/** What a license file embeds, of a machine's license. */
const ofLicense = (include: Include<License>): Include<MachineRecord> => ({
  ...include,
  parent: 'license',
  find: ({ license }, find) => include.find(license, find),
});

/** spec/validation.md 11.2 */
const includes: Record<string, Include<MachineRecord>> = {
  license: theOne('license.read', { records: licenseRecords, document: licenseDocument }, ({ licenseId }: MachineRecord) => licenseId),
  'license.entitlements': ofLicense(licenseIncludes.entitlements),
  'license.product': ofLicense(licenseIncludes.product),
  'license.policy': ofLicense(licenseIncludes.policy),
  'license.owner': ofLicense(licenseIncludes.owner),
  'license.users': ofLicense(licenseIncludes.users),
  components: {
    permission: 'component.read',
    many: true,
    find: ({ id }, find) => find({ records: componentRecords, document: componentDocument }, eq(components.machineId, id)),
  },
  environment: theOne('environment.read', environmentOf, ({ environmentId }: MachineRecord) => environmentId),
  group: theOne('group.read', groupOf, ({ groupId }: MachineRecord) => groupId),
  owner: theOne('user.read', userOf, ({ ownerId }: MachineRecord) => ownerId),
};

export const machineCheckedOut = checkedOutJob('machines.checked-out', machines);

export default checkOutRoutes<MachineRecord>({
  resource: { records, document, access, rules },
  kind: 'machine',
  document,
  includes,
  aliases: { 'license.user': 'license.owner' },
  secret: ({ license, fingerprint }) => license.key + fingerprint,
  scheme: ({ policy }) => policy.scheme,
  of: ({ id, licenseId }) => ({ license: ['licenses', licenseId], machine: ['machines', id] }),
  checkedOut: machineCheckedOut,
});
