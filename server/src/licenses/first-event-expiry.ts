/** Licenses whose time starts with their first validation, activation, use or download (spec/events.md 1.2). */
import { idIn } from '../kernel/database/columns.ts';
import { afterCommit, type Tx } from '../kernel/database/database.ts';
import { and, eq, inArray, isNotNull, isNull, or, sql } from '../kernel/database/drizzle.ts';
import type { OutboxEntry } from '../kernel/events/outbox.table.ts';
import { oncePerServer, type Services } from '../kernel/services.ts';
import { machines } from '../machines/machine.table.ts';
import { policies } from '../policies/policy.table.ts';
import { type ExpirationBasis, initialExpiry } from './expiry.ts';
import { licenses } from './license.table.ts';

type Basis = Exclude<ExpirationBasis, 'FROM_CREATION'>;

/** What a happening means to the licenses that are notified of it. `limited`: they are at most once a minute. */
const reactions: Readonly<Record<string, { basis: Basis; limited: boolean }>> = {
  'license.validation.succeeded': { basis: 'FROM_FIRST_VALIDATION', limited: true },
  'license.validation.failed': { basis: 'FROM_FIRST_VALIDATION', limited: true },
  'license.usage.incremented': { basis: 'FROM_FIRST_USE', limited: true },
  'machine.created': { basis: 'FROM_FIRST_ACTIVATION', limited: false },
  'artifact.downloaded': { basis: 'FROM_FIRST_DOWNLOAD', limited: false },
  'release.downloaded': { basis: 'FROM_FIRST_DOWNLOAD', limited: false },
  'release.upgraded': { basis: 'FROM_FIRST_DOWNLOAD', limited: false },
};

/** A license that something happened to. */
interface Notice {
  accountId: string;
  licenseId: string;
  basis: Basis;
  limited: boolean;
  at: Date;
}

/** The machines that were created, and their licenses. */
async function licensesOfMachines(tx: Tx, entries: readonly OutboxEntry[]): Promise<Map<string, string>> {
  const pairs = entries.flatMap(({ event, accountId, resource }) =>
    event === 'machine.created' && resource?.type === 'machines' ? [and(eq(machines.accountId, accountId), eq(machines.id, resource.id))] : [],
  );
  if (pairs.length === 0) return new Map();
  const rows = await tx
    .select({ id: machines.id, licenseId: machines.licenseId })
    .from(machines)
    .where(or(...pairs));
  return new Map(rows.map(({ id, licenseId }) => [id, licenseId]));
}

/** Notified are the resource of the event's log, and the bearer where it is a license; a new machine passes it on to its license. */
async function noticesOf(tx: Tx, entries: readonly OutboxEntry[]): Promise<Notice[]> {
  const concerned = entries.filter(({ event }) => Object.hasOwn(reactions, event));
  const ofMachines = await licensesOfMachines(tx, concerned);
  return concerned.flatMap(({ event, accountId, resource, whodunnit, createdAt }) => {
    const references = [resource, whodunnit];
    const ids = references.flatMap((reference) => (reference?.type === 'licenses' ? [reference.id] : (ofMachines.get(reference?.id ?? '') ?? [])));
    return [...new Set(ids)].map((licenseId) => ({ accountId, licenseId, at: createdAt, ...reactions[event]! }));
  });
}

const minute = 60_000;
const remembered = 100_000;

/** Licenses that were notified within the last minute: of what happens often there is one attempt a minute, which also spares the database. */
class Recent {
  readonly #until = new Map<string, number>();

  has({ licenseId, basis, at }: Notice): boolean {
    const until = this.#until.get(`${basis} ${licenseId}`);
    return until !== undefined && at.getTime() < until && at.getTime() >= until - minute;
  }

  add({ licenseId, basis, at }: Notice): void {
    if (this.#until.size >= remembered) this.#until.clear();
    this.#until.set(`${basis} ${licenseId}`, at.getTime() + minute);
  }

  clear(): void {
    this.#until.clear();
  }
}

const recent = oncePerServer(() => new Recent());

/** Forgets which licenses were notified lately, for tests that begin anew with the same ids. */
export const forgetNotified = (services: Services): void => recent(services).clear();

/** What the first events of these licenses come to: each has no expiry yet, and a policy that counts from such an event. Locks them, so that of two there is one first. */
async function expiries(tx: Tx, notices: readonly Notice[]): Promise<{ account_id: string; id: string; expiry: Date; at: Date }[]> {
  const accounts = [...new Set(notices.map(({ accountId }) => accountId))];
  const ids = [...new Set(notices.map(({ licenseId }) => licenseId))];
  const bases = [...new Set(notices.map(({ basis }) => basis))];
  const waiting = await tx
    .select({ accountId: licenses.accountId, id: licenses.id, policy: { duration: policies.duration, expirationBasis: policies.expirationBasis } })
    .from(licenses)
    .innerJoin(policies, and(eq(policies.accountId, licenses.accountId), eq(policies.id, licenses.policyId)))
    .where(
      and(
        idIn(licenses.accountId, accounts),
        idIn(licenses.id, ids),
        isNull(licenses.expiry),
        isNotNull(policies.duration),
        inArray(policies.expirationBasis, bases),
      ),
    )
    .orderBy(licenses.id)
    .for('update', { of: licenses });
  return waiting.flatMap(({ accountId, id, policy }) => {
    const first = notices.find((notice) => notice.licenseId === id && notice.basis === policy.expirationBasis);
    const expiry = first && initialExpiry(null, policy, first.basis, first.at);
    return expiry ? [{ account_id: accountId, id, expiry, at: first.at }] : [];
  });
}

/** A consumer of events: sets the expiry of licenses that begin to count, once. Emits nothing itself. */
export async function startExpiries(tx: Tx, entries: readonly OutboxEntry[], services: Services): Promise<void> {
  const memory = recent(services);
  const notices = (await noticesOf(tx, entries)).filter((notice) => !notice.limited || !memory.has(notice));
  if (notices.length === 0) return;
  const rows = await expiries(tx, notices);
  if (rows.length > 0) {
    await tx.execute(sql`
      update licenses set expiry = first.expiry, updated_at = first.at
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as first(account_id uuid, id uuid, expiry timestamptz, at timestamptz)
      where licenses.account_id = first.account_id and licenses.id = first.id and licenses.expiry is null`);
  }
  afterCommit(tx, () => {
    for (const notice of notices) if (notice.limited) memory.add(notice);
  });
}
