/** Changes of what a license belongs to (spec/licenses.md 10.1 to 10.4). */
import type { Subject } from '../kernel/access/access.ts';
import { getTableColumns } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { difference } from '../kernel/events/difference.ts';
import type { Context } from '../kernel/http/context.ts';
import { notFound } from '../kernel/http/errors.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { type OpenRule, validate } from '../kernel/jsonapi/rules.ts';
import { type Policy, policies } from '../policies/policy.table.ts';
import { users } from '../users/user.table.ts';
import { transferredExpiry } from './expiry.ts';
import { licenseAccess as access } from './license.access.ts';
import { licenseDocument as document } from './license.document.ts';
import { rowOf } from './license.draft.ts';
import { type LicenseRecord, licenseRecords as records } from './license.records.ts';
import { licenseRules, transferRule } from './license.rules.ts';
import { licenses } from './license.table.ts';
import { followPolicy } from './machines-follow.ts';

const columns = Object.keys(getTableColumns(licenses));

/** Members of a license that change, joined ones among them. */
type Changes = Partial<LicenseRecord>;

interface Update {
  event: string;
  assign(license: LicenseRecord, change: Change): Changes | Promise<Changes>;
  rules?(license: LicenseRecord): OpenRule<LicenseRecord>[];
  after?(license: LicenseRecord, change: Change): Promise<void>;
}

async function changeLicense(found: LicenseRecord, context: Context, { event, assign, rules, after }: Update): Promise<LicenseRecord> {
  return context.change(async (change) => {
    const license = await lockRow(change, records, found);
    if (!license) throw notFound(records.noun, context.params.id);
    const changes = { ...(await assign(license, change)), updatedAt: change.now };
    const next = { ...license, ...changes };
    const list = { ...licenseRules, rules: [...licenseRules.rules, ...(rules?.(license) ?? [])] };
    await validate(list, next, { db: change.db, now: change.now, changed: new Set(Object.keys(changes)) });
    await updateRow(change, records, license, changes);
    await after?.(next, change);
    await change.emit(event, { document, access, row: next }, { log: { diff: difference(license, next, columns) } });
    return next;
  });
}

/** What is judged when a license gets another related record: that record, below the license (spec/environments.md 8.2). */
export const relatedSubject = (license: LicenseRecord, record: object | null, judged: object = license): Subject<never> => ({
  record: record as never,
  parents: [{ noun: records.noun, environmentId: license.environmentId }],
  judged: [judged],
});

/** The subject of a transfer to a policy. */
export async function transferSubject(license: LicenseRecord, context: Context, policyId: string): Promise<Subject<never>> {
  const nextPolicy = await rowOf(context.db, policies, context.accountId, policyId);
  return relatedSubject(license, nextPolicy, { ...license, nextPolicy });
}

/** Moves a license to another policy (spec/licenses.md 10.1). */
export const transfer = (found: LicenseRecord, context: Context, policyId: string): Promise<LicenseRecord> =>
  changeLicense(found, context, {
    event: 'license.policy.updated',
    async assign({ expiry, accountId }, { db, now }) {
      const policy = await rowOf(db, policies, accountId, policyId, 'key share');
      if (policy === null) return { policyId, policy: null as unknown as Policy };
      return { policyId, policy, productId: policy.productId, expiry: transferredExpiry(expiry, policy, now) };
    },
    rules: ({ policy }) => [transferRule(policy)],
    after: ({ id, accountId }, change) => change.enqueue(followPolicy, { accountId, licenseId: id }),
  });

/** Puts a license into a group, or takes it out of its group (spec/licenses.md 10.2). */
export const regroup = (found: LicenseRecord, context: Context, groupId: string | null): Promise<LicenseRecord> =>
  changeLicense(found, context, {
    event: 'license.group.updated',
    assign: (license) => (license.groupId === groupId ? {} : { groupId }),
  });

/** Gives a license another owner, or none; one without a group joins the owner's (spec/licenses.md 10.3). @param event differs between the relationship's old name and its new one */
export const reassign = (found: LicenseRecord, context: Context, ownerId: string | null, event: string): Promise<LicenseRecord> =>
  changeLicense(found, context, {
    event,
    async assign(license, { db }) {
      if (license.ownerId === ownerId) return {};
      const owner = await rowOf(db, users, license.accountId, ownerId, 'key share');
      const joins = license.groupId === null && owner?.groupId ? { groupId: owner.groupId } : {};
      return { ownerId, owner, ...joins };
    },
  });
