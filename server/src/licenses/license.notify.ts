/** Finds the licenses whose time has come, in batches, and tells of each once however many workers look (spec/events.md 11). */
import { and, eq, gte, inArray, isNull, lt, or, type SQL, sql, unionAll } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { type JobContext, job } from '../kernel/jobs/job.ts';
import { policies } from '../policies/policy.table.ts';
import { licenseAccess as access } from './license.access.ts';
import { licenseDocument as document } from './license.document.ts';
import { checkInNotice, checkInNotices, expiryNotice, expiryNotices, type Notice, quiet } from './license.notices.ts';
import { type LicenseRecord, licenseRecords } from './license.records.ts';
import { licenses } from './license.table.ts';

const batch = 200;

type Decide = (license: LicenseRecord, now: Date) => Notice | undefined;

const after = (now: Date, milliseconds: number): Date => new Date(now.getTime() + milliseconds);

const unsent = (notice: Notice, now: Date): SQL => or(isNull(licenses[notice.sentAt]), lt(licenses[notice.sentAt], after(now, -quiet)))!;

/** Licenses that may be due; the decision is the rule's. */
type Candidates = (context: JobContext, past: string) => Promise<{ id: string; accountId: string }[]>;

const columns = { id: licenses.id, accountId: licenses.accountId };

const byExpiry: Candidates = ({ database, now }, past) => {
  const due = expiryNotices.map((notice) =>
    database.drizzle
      .select(columns)
      .from(licenses)
      .where(
        and(gte(licenses.expiry, after(now, notice.from)), lt(licenses.expiry, after(now, notice.to)), unsent(notice, now), sql`${licenses.id} > ${past}`),
      ),
  );
  return unionAll(due[0]!, due[1]!).orderBy(sql`id`).limit(batch);
};

/** The calendar's clamping at the ends of months moves a check-in by three days at most. */
const slack = sql`interval '4 days'`;

const byCheckIn: Candidates = ({ database, now }, past) => {
  const [overdue, soon] = checkInNotices as [Notice, Notice];
  const { checkInInterval: unit, checkInIntervalCount: count } = policies;
  const interval = sql`case ${unit} when 'day' then make_interval(days => ${count}) when 'week' then make_interval(weeks => ${count})
    when 'month' then make_interval(months => ${count}) when 'year' then make_interval(years => ${count}) end`;
  const at = (offset: number): SQL => sql`${after(now, offset).toISOString()}::timestamptz - ${interval}`;
  return database.drizzle
    .select(columns)
    .from(policies)
    .innerJoin(licenses, and(eq(licenses.accountId, policies.accountId), eq(licenses.policyId, policies.id)))
    .where(
      and(
        eq(policies.requireCheckIn, true),
        sql`${licenses.lastCheckInAt} >= ${at(overdue.from)} - ${slack}`,
        sql`${licenses.lastCheckInAt} < ${at(soon.to)} + ${slack}`,
        or(isNull(licenses.expiry), gte(licenses.expiry, now)),
        or(unsent(overdue, now), unsent(soon, now)),
        sql`${licenses.id} > ${past}`,
      ),
    )
    .orderBy(licenses.id)
    .limit(batch);
};

/** Decides of one account's candidates with their rows locked, so that overlapping runs do not tell twice. */
async function tell(change: Change, ids: string[], decide: Decide): Promise<void> {
  const { accountId, db, now } = change;
  const found = await licenseRecords.find(db, and(eq(licenses.accountId, accountId), inArray(licenses.id, ids)), { order: 'asc', lock: 'update' });
  for (const license of found) {
    const notice = decide(license, now);
    if (!notice) continue;
    await db
      .update(licenses)
      .set({ [notice.sentAt]: now })
      .where(and(eq(licenses.accountId, accountId), eq(licenses.id, license.id)));
    await change.emit(notice.event, { document, access, row: license });
  }
}

const nobody = { environment: null, bearer: null, token: null, requestId: null, requestResource: null };

async function notify(context: JobContext, candidates: Candidates, decide: Decide): Promise<void> {
  const { now, services, signal, logger } = context;
  let past = '00000000-0000-0000-0000-000000000000';
  while (!signal.aborted) {
    const found = await candidates(context, past);
    for (const [accountId, rows] of Map.groupBy(found, (row) => row.accountId)) {
      const ids = rows.map(({ id }) => id);
      await services
        .change({ ...nobody, accountId, now }, (change) => tell(change, ids, decide))
        .catch((err: unknown) => logger.error({ err, accountId }, 'an account could not be told of its licenses'));
    }
    if (found.length < batch) return;
    past = found.at(-1)!.id;
  }
}

/** Licenses that have expired, or will within three days. */
export const notifyOfExpiries = job({
  name: 'licenses.expirations',
  cron: '*/10 * * * *',
  run: (_, context) => notify(context, byExpiry, expiryNotice),
});

/** Licenses whose check-in is overdue, or due within three days. */
export const notifyOfCheckIns = job({
  name: 'licenses.check-ins',
  cron: '*/10 * * * *',
  run: (_, context) => notify(context, byCheckIn, (license, now) => checkInNotice(license, license.policy, now)),
});
