import { accountMeta } from '../kernel/crypto/account-keys.ts';
import { accountPath, type DocumentOf, document, many } from '../kernel/jsonapi/document.ts';
import { type AccountRecord, accountRecords } from './account.records.ts';

const below = (name: string) => [name, many<AccountRecord>(name)] as const;
const lists = ['products', 'platforms', 'arches', 'channels', 'releases', 'artifacts', 'policies', 'users', 'keys', 'licenses', 'machines', 'components'];

const standard = document<AccountRecord>(accountRecords, {
  attributes: { name: 'name', slug: 'slug', apiVersion: 'apiVersion', status: () => 'SUBSCRIBED', protected: 'protected' },
  relationships: {
    settings: many('settings'),
    webhookEndpoints: many('webhook-endpoints'),
    webhookEvents: many('webhook-events'),
    ...Object.fromEntries([...lists, 'processes', 'tokens'].map(below)),
  },
  path: () => '',
  meta: (account) => ({ ...accountMeta(account) }),
});

/** spec/accounts.md 3 */
export const accountDocument: DocumentOf<AccountRecord> = {
  ...standard,
  relationships: standard.relationships.filter((name) => name !== 'account'),
  render(row, view) {
    const resource = standard.render(row, view);
    const { account: _, ...relationships } = resource.relationships!;
    return { ...resource, relationships, links: { self: accountPath(row.id) } };
  },
};
