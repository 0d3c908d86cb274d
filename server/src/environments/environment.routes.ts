import { insertAdmin } from '../accounts/create-account.ts';
import { embeddedAdmins } from '../accounts/embedded-admins.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';
import { insertRow, newRow, resource } from '../kernel/jsonapi/resource.ts';
import { environmentAccess as access } from './environment.access.ts';
import { environmentDocument as document } from './environment.document.ts';
import { type EnvironmentRecord, environmentRecords as records } from './environment.records.ts';
import { type EnvironmentDraft, environmentRules as rules } from './environment.rules.ts';
import { createEnvironment, updateEnvironment } from './environment.schema.ts';
import { scheduleRemoval } from './remove-environment.ts';

/** spec/environments.md 1 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list' });
  on.show({ can: 'show' });
  on.create({
    can: 'create',
    body: createEnvironment,
    emits: 'environment.created',
    draft: ({ data: { attributes, relationships } }, context) => {
      const { environmentId: _, ...columns } = newRow(context, {});
      const { isolationStrategy = 'ISOLATED', ...named } = attributes;
      const draft: EnvironmentDraft = {
        ...columns,
        ...named,
        isolationStrategy: isolationStrategy as EnvironmentRecord['isolationStrategy'],
        permissions: [...defaultPermissions.environment],
        admins: embeddedAdmins(relationships.admins, { accountId: columns.accountId, environmentId: columns.id, now: context.now }),
      };
      return draft;
    },
    store: async (draft: EnvironmentDraft, change, _, { services }) => {
      const { admins = [], ...row } = draft;
      await insertRow(change, records, row);
      for (const admin of admins) await insertAdmin(change.db, admin, services.config.passwordCost);
      return row;
    },
  });
  on.update({ can: 'update', body: updateEnvironment, emits: 'environment.updated', diff: true });
  on.remove({
    can: 'delete',
    emits: 'environment.deleted',
    before: ({ accountId, id }, change, { services }) => scheduleRemoval(change, { accountId, environmentId: id }, services.config.requestTimeoutMs),
  });
});
