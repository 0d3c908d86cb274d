import type { KernelConfig } from '../kernel/config.ts';
import { accountMeta } from '../kernel/crypto/account-keys.ts';
import { accountPath, type DocumentOf, document, many, one, type RelationshipOf } from '../kernel/jsonapi/document.ts';
import { type AccountRecord, accountRecords } from './account.records.ts';

const below = (name: string) => [name, many<AccountRecord>(name)] as const;
const lists = ['products', 'platforms', 'arches', 'channels', 'releases', 'artifacts', 'policies', 'users', 'keys', 'licenses', 'machines', 'components'];

const ofEverybody: Record<string, RelationshipOf<AccountRecord>> = {
  settings: many('settings'),
  webhookEndpoints: many('webhook-endpoints'),
  webhookEvents: many('webhook-events'),
  ...Object.fromEntries([...lists, 'processes', 'tokens'].map(below)),
};

/** Those that are shown only while there is what they name. */
const ofCustomers: Record<string, RelationshipOf<AccountRecord>> = {
  billing: one('billings', ({ billing }) => billing?.id ?? null, 'billing'),
  plan: one('plans', ({ planId }) => planId, 'plan'),
};

function accountDocumentWith(relationships: Record<string, RelationshipOf<AccountRecord>>): DocumentOf<AccountRecord> {
  const standard = document<AccountRecord>(accountRecords, {
    attributes: {
      name: 'name',
      slug: 'slug',
      apiVersion: 'apiVersion',
      status: ({ billing }) => (billing?.state ?? 'subscribed').toUpperCase(),
      protected: 'protected',
    },
    relationships,
    path: () => '',
    meta: (account) => ({ ...accountMeta(account) }),
  });
  return {
    ...standard,
    relationships: standard.relationships.filter((name) => name !== 'account'),
    render(row, view) {
      const resource = standard.render(row, view);
      const shown = Object.entries(resource.relationships!).filter(([name, { data }]) => name !== 'account' && data !== null);
      return { ...resource, relationships: Object.fromEntries(shown), links: { self: accountPath(row.id) } };
    },
  };
}

/** spec/accounts.md 3 */
export const accountDocument = accountDocumentWith(ofEverybody);

/** The same with plan and billing. */
const customerDocument = accountDocumentWith({ ...ofCustomers, ...ofEverybody });

/** The one that an installation shows. */
export const accountDocumentOf = ({ cloud }: Pick<KernelConfig, 'cloud'>): DocumentOf<AccountRecord> => (cloud ? customerDocument : accountDocument);
