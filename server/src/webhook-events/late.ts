import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { parseColumn } from '../kernel/database/json.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import { accountPath, type ResourceObject } from '../kernel/jsonapi/document.ts';
import { licenses } from '../licenses/license.table.ts';
import { releaseRecords } from '../releases/release.records.ts';
import { releases } from '../releases/release.table.ts';
import type { WebhookEvent } from './webhook-event.table.ts';

type Older = NonNullable<ResourceObject['older']>;

interface Late {
  /** The last version that shows it (spec/events.md 15). */
  until: string;
  /** Undefined when nothing is left to find it by. */
  find(db: Db, accountId: string, resource: ResourceObject): Promise<Older | undefined>;
}

/** Whom a relationship names; no id at all finds nothing. */
const related = ({ relationships }: ResourceObject, name: string): string | undefined => (relationships?.[name]?.data as { id: string } | null | undefined)?.id;

/** By type, what older versions show of a resource and no newer one does, so that stored payloads do not have it. */
const lates: Readonly<Record<string, Late>> = {
  machines: {
    until: '1.5',
    async find(db, accountId, machine) {
      const licenseId = related(machine, 'license');
      const [found] = licenseId
        ? await db
            .select({ ownerId: licenses.ownerId })
            .from(licenses)
            .where(and(eq(licenses.accountId, accountId), eq(licenses.id, licenseId)))
        : [];
      return { licenseOwnerId: found?.ownerId ?? null };
    },
  },
  releases: {
    until: '1.0',
    async find(db, accountId, { id }) {
      const [found] = await releaseRecords.find(db, and(eq(releases.accountId, accountId), eq(releases.id, id)));
      return { artifact: found?.artifact ?? null };
    },
  },
  artifacts: {
    until: '1.0',
    async find(db, accountId, artifact) {
      const releaseId = related(artifact, 'release');
      const [found] = releaseId
        ? await db
            .select({ id: releases.productId })
            .from(releases)
            .where(and(eq(releases.accountId, accountId), eq(releases.id, releaseId)))
        : [];
      return found && { product: { account: accountPath(accountId), id: found.id } };
    },
  },
};

/**
 * A stored payload goes to an endpoint that was moved to an older version since. What that version shows and stored payloads do not have is looked up.
 * @returns the payload, with it where it is needed
 */
export async function withOlder(db: Db, { accountId, payload, apiVersion }: WebhookEvent, version: string): Promise<string | null> {
  if (payload === null || apiVersion === null || version >= apiVersion) return payload;
  const document = parseColumn(payload) as { data: ResourceObject | ResourceObject[] | null };
  if (document.data === null || Array.isArray(document.data)) return payload;
  const late = lates[document.data.type];
  if (!late || apiVersion <= late.until || version > late.until) return payload;
  const older = await late.find(db, accountId, document.data);
  return older ? stringifyJson({ ...document, data: { ...document.data, older } }) : payload;
}
