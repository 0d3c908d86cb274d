/** Counts the requests of accounts that a plan or subscription makes of interest (spec/accounts.md 11.2). Late and best effort: a request never waits for its count. */
import { arrayText } from '../kernel/database/array-text.ts';
import type { Database } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { lateWrite } from '../kernel/database/late-write.ts';
import type { Served } from '../kernel/http/serve.ts';
import { job } from '../kernel/jobs/job.ts';
import { isFromOurPages } from '../kernel/names.ts';
import type { Services } from '../kernel/services.ts';

interface Counted {
  accountId: string;
  day: string;
}

/** The UTC day of an instant, as counts are kept by. */
export const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

const keyOf = ({ accountId, day }: Counted): string => `${accountId} ${day}`;

/** What this process has counted and not written yet: an account at its limit is refused by the next request, not by the one after the next batch. */
const unwritten = new WeakMap<Database, Map<string, number>>();

function note(database: Database, counted: Counted, by: number): void {
  const counts = unwritten.get(database) ?? new Map<string, number>();
  unwritten.set(database, counts);
  const count = (counts.get(keyOf(counted)) ?? 0) + by;
  if (count > 0) counts.set(keyOf(counted), count);
  else counts.delete(keyOf(counted));
}

const write = lateWrite<Counted>({
  name: 'request counts',
  async write(items, database) {
    const groups = [...Map.groupBy(items, keyOf).values()].map((group) => ({ ...group[0]!, count: group.length }));
    const list = (values: unknown[], type: string) => sql`${arrayText(values)}::text::${sql.raw(type)}[]`;
    const [accounts, days, counts] = [groups.map(({ accountId }) => accountId), groups.map(({ day }) => day), groups.map(({ count }) => count)];
    await database.drizzle.execute(sql`
      insert into request_counts (account_id, day, count)
      select * from unnest(${list(accounts, 'uuid')}, ${list(days, 'text')}, ${list(counts, 'int')}) as given (account_id, day, count) order by account_id, day
      on conflict (account_id, day) do update set count = request_counts.count + excluded.count`);
    for (const group of groups) note(database, group, -group.count);
  },
});

/** Adds a request that was answered, whatever its status, to its account's day; not those of dashboards. */
export function countRequest({ context, incoming }: Served, services: Services): void {
  if (!context?.account || (!context.account.plan && !context.account.billing)) return;
  if (isFromOurPages(services.config, incoming.headers.origin)) return;
  const counted = { accountId: context.account.id, day: dayOf(context.now) };
  note(services.database, counted, 1);
  services.writeLater(write, counted);
}

/** How many requests an account has made on the day of an instant, as far as this process knows. */
export async function requestsToday({ database }: Services, accountId: string, now: Date): Promise<number> {
  const counted = { accountId, day: dayOf(now) };
  const [row] = await database.rows('select count from request_counts where account_id = $1 and day = $2', [accountId, counted.day]);
  return Number(row?.count ?? 0) + (unwritten.get(database)?.get(keyOf(counted)) ?? 0);
}

/** Sets the count of a day, once what was counted is written; for tests. */
export async function setRequestCount({ database }: Services, accountId: string, now: Date, count: number): Promise<void> {
  const text = 'insert into request_counts (account_id, day, count) values ($1, $2, $3) on conflict (account_id, day) do update set count = excluded.count';
  await database.rows(text, [accountId, dayOf(now), count]);
}

/** Forgets the counts of days that are over. */
export const pruneRequestCounts = job<Record<string, never>>({
  name: 'request-counts.prune',
  cron: '41 0 * * *',
  async run(_, { database, now }) {
    await database.rows('delete from request_counts where day < $1', [dayOf(new Date(now.getTime() - 86_400_000))]);
  },
});
