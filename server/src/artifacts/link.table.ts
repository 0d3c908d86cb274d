import { instant } from '../kernel/database/columns.ts';
import { index, integer, isNotNull, pgTable, primaryKey, text, uuid } from '../kernel/database/drizzle.ts';

/**
 * URLs that were made, for the operator's books; not on the wire (spec/distribution.md 8.2). There may be millions of a release, so no foreign key makes one long
 * transaction of its removal.
 */
export const artifactLinks = pgTable(
  'artifact_links',
  {
    id: uuid().notNull(),
    accountId: uuid().notNull(),
    environmentId: uuid(),
    createdAt: instant().notNull(),
    releaseId: uuid().notNull(),
    /** `upload`, `download` or `upgrade`. */
    kind: text().notNull(),
    /** Sealed (kernel/crypto/sealing.ts). */
    url: text().notNull(),
    /** Seconds that it is good for. */
    ttl: integer().notNull(),
  },
  (t) => [
    primaryKey({ name: 'artifact_links_pkey', columns: [t.accountId, t.id] }),
    index('artifact_links_by_release').on(t.accountId, t.releaseId),
    index('artifact_links_in_environment').on(t.accountId, t.environmentId).where(isNotNull(t.environmentId)),
    index('artifact_links_by_age').on(t.kind, t.createdAt),
  ],
);
