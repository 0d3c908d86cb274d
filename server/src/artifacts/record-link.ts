/** Keeps book of the URLs that are made, and counts downloads and upgrades (spec/distribution.md 8.2, 15). */
import { seal } from '../kernel/crypto/sealing.ts';
import { insertMany } from '../kernel/database/insert-many.ts';
import { lateWrite } from '../kernel/database/late-write.ts';
import type { Context } from '../kernel/http/context.ts';
import { uuid } from '../kernel/id.ts';
import { addToCounts } from '../releases/release.counts.ts';
import { artifactLinks } from './link.table.ts';

type NewLink = typeof artifactLinks.$inferInsert;
export type LinkKind = 'upload' | 'download' | 'upgrade';

const write = lateWrite<NewLink>({
  name: 'artifact links',
  write: (links, database) =>
    database.transaction(async (tx) => {
      await insertMany(tx, artifactLinks, links);
      for (const kind of ['download', 'upgrade'] as const)
        await addToCounts(
          tx,
          kind,
          links.filter((link) => link.kind === kind),
        );
    }),
});

/** Notes that a URL was made for a release; it is written later. @param ttl seconds that it is good for */
export function recordLink(
  context: Context,
  { kind, url, ttl, release }: { kind: LinkKind; url: string; ttl: number; release: { id: string; environmentId: string | null } },
): void {
  const { accountId, now, environment, services } = context;
  const id = uuid();
  const place = { accountId, environmentId: environment?.id ?? release.environmentId, releaseId: release.id };
  context.writeLater(write, { id, ...place, kind, url: seal(services.ring, url, `artifact_links.url:${id}`), ttl, createdAt: now });
}
