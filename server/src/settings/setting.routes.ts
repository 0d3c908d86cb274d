import { touchAccount } from '../accounts/account.records.ts';
import type { Change } from '../kernel/events/change.ts';
import { snakeKey } from '../kernel/http/keys.ts';
import { newRow, resource } from '../kernel/jsonapi/resource.ts';
import { settingAccess as access } from './setting.access.ts';
import { settingDocument as document } from './setting.document.ts';
import { settingRecords as records, type SettingRecord } from './setting.records.ts';
import { settingRules as rules } from './setting.rules.ts';
import { createSetting, updateSetting } from './setting.schema.ts';

const here = { base: 'itself', media: 'B', gated: false, logged: false } as const;

/** Bumps the account, which is also what the logs name as the resource (spec/accounts.md 15). */
async function tell(change: Change, event: string, row: SettingRecord): Promise<void> {
  await touchAccount(change);
  await change.emit(event, { document, access, row }, { resource: { type: 'accounts', id: row.accountId } });
}

/** spec/accounts.md 6 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', ...here });
  on.show({ can: 'show', ...here });
  on.create({
    can: 'create',
    ...here,
    body: createSetting,
    emits: 'account.settings.created',
    draft: ({ data: { attributes } }, context) => {
      const { environmentId: _, ...columns } = newRow(context, {});
      return { ...columns, key: snakeKey(attributes.key), value: attributes.value };
    },
    store: async (row, change) => {
      await change.db.insert(records.table).values(row);
      await touchAccount(change);
      return row;
    },
  });
  on.update({
    can: 'update',
    ...here,
    body: updateSetting,
    assign: async (row, { data }, context, change) => {
      const { value } = data.attributes;
      await tell(change, 'account.settings.updated', { ...row, value, updatedAt: context.now });
      return { value };
    },
  });
  on.remove({ can: 'delete', ...here, before: (row, change) => tell(change, 'account.settings.deleted', row) });
});
