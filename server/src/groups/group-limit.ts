import { and, eq, ne, type PgColumn, sql } from '../kernel/database/drizzle.ts';
import type { AccountTable } from '../kernel/database/records.ts';
import { type Facts, type OpenRule, touches } from '../kernel/jsonapi/rules.ts';
import { type Group, groups } from './group.table.ts';

interface Member {
  id: string;
  accountId: string;
  groupId: string | null;
}

const limits = { user: 'maxUsers', license: 'maxLicenses', machine: 'maxMachines' } as const;

async function locked(row: Member, facts: Facts, lock: 'key share' | 'no key update'): Promise<Group | undefined> {
  const [group] = await facts.db
    .select()
    .from(groups)
    .where(and(eq(groups.accountId, row.accountId), eq(groups.id, row.groupId!)))
    .for(lock);
  return group;
}

/**
 * The group of a user, license or machine must exist and have room for it, when it gets it (spec/licensing.md 4.1): `groupLimit('license', licenses)` among the rules.
 * Holds under concurrency, because those who enter a limited group wait for each other, so validate inside the transaction that stores the member.
 * @param table of the members
 */
export const groupLimit =
  (kind: keyof typeof limits, table: AccountTable & { groupId: PgColumn }): OpenRule<Member> =>
  async (row, facts) => {
    if (row.groupId === null || !touches(facts, 'groupId')) return undefined;
    const group = await locked(row, facts, 'key share');
    if (!group) return { subject: '~group', kind: 'NOT_FOUND', detail: 'must exist' };
    if (group[limits[kind]] === null) return undefined;
    const limit = (await locked(row, facts, 'no key update'))?.[limits[kind]];
    if (limit === null || limit === undefined) return undefined;
    // a new one may come with the id of another, which counts
    const others = facts.changed === 'created' ? undefined : ne(table.id, row.id);
    const members = and(eq(table.accountId, row.accountId), eq(table.groupId, row.groupId), others);
    const [found] = await facts.db.select({ count: sql<number>`count(*)::int` }).from(table).where(members);
    if (found!.count < limit) return undefined;
    const detail = `${kind} count has exceeded maximum allowed by current group (${limit})`;
    return { subject: '~group', kind: `${kind.toUpperCase()}_LIMIT_EXCEEDED`, detail };
  };
