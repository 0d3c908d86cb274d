import { idOf, newRow, resource } from '../kernel/jsonapi/resource.ts';
import { entitlementAccess as access } from './entitlement.access.ts';
import { entitlementDocument as document } from './entitlement.document.ts';
import { entitlementRecords as records } from './entitlement.records.ts';
import { entitlementRules as rules } from './entitlement.rules.ts';
import { createEntitlement, updateEntitlement } from './entitlement.schema.ts';

/** spec/licensing.md 3 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list' });
  on.show({ can: 'show' });
  on.create({
    can: 'create',
    body: createEntitlement,
    emits: 'entitlement.created',
    draft: ({ data }, context) => ({ metadata: {}, ...data.attributes, ...newRow(context, { environmentId: idOf(data.relationships.environment) }) }),
  });
  on.update({ can: 'update', body: updateEntitlement, emits: 'entitlement.updated', diff: true });
  on.remove({ can: 'delete', emits: 'entitlement.deleted' });
});
