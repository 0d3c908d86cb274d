import { resource } from '../kernel/jsonapi/resource.ts';
import { removeReleasesOfPackage } from '../releases/remove-releases.ts';
import { packageAccess as access } from './package.access.ts';
import { changedColumns, draftPackage, storePackage } from './package.columns.ts';
import { packageDocument as document } from './package.document.ts';
import { packageFilters as filters } from './package.filters.ts';
import { packageRecords as records } from './package.records.ts';
import { packageRules as rules } from './package.rules.ts';
import { createPackage, updatePackage } from './package.schema.ts';

/** spec/distribution.md 6 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', auth: 'optional', filters });
  on.show({ can: 'show', auth: 'optional' });
  on.create({ can: 'create', body: createPackage, emits: 'package.created', draft: draftPackage, store: storePackage });
  on.update({ can: 'update', body: updatePackage, emits: 'package.updated', diff: true, assign: changedColumns });
  on.remove({
    can: 'delete',
    emits: 'package.deleted',
    before: ({ accountId, id }, change) => change.enqueue(removeReleasesOfPackage, { accountId, packageId: id }),
  });
});
