import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { parseColumn } from '../kernel/database/json.ts';
import type { Records } from '../kernel/database/records.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import { accountPath, type ResourceObject } from '../kernel/jsonapi/document.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import { releaseRecords } from '../releases/release.records.ts';
import type { WebhookEvent } from './webhook-event.table.ts';

type Older = NonNullable<ResourceObject['older']>;

interface Late {
  /** The last version that shows it (spec/events.md 15). */
  until: string;
  /** Undefined when nothing is left to find it by. */
  find(db: Db, accountId: string, resource: ResourceObject): Promise<Older | undefined>;
}

/** The record with an id; none when there is no id. */
async function named<Row>(db: Db, records: Records<Row>, accountId: string, id: string | undefined): Promise<Row | undefined> {
  if (id === undefined) return undefined;
  const { table } = records;
  return (await records.find(db, and(eq(table.accountId, accountId), eq(table.id, id))))[0];
}

/** Whom a relationship names. */
const related = ({ relationships }: ResourceObject, name: string): string | undefined => (relationships?.[name]?.data as { id: string } | null | undefined)?.id;

/** By type, what older versions show of a resource and no newer one does, so that stored payloads do not have it. */
const lates: Readonly<Record<string, Late>> = {
  machines: {
    until: '1.5',
    async find(db, accountId, machine) {
      const license = await named(db, licenseRecords, accountId, related(machine, 'license'));
      return { licenseOwnerId: license?.ownerId ?? null };
    },
  },
  releases: {
    until: '1.0',
    async find(db, accountId, { id }) {
      const release = await named(db, releaseRecords, accountId, id);
      return { artifact: release?.artifact ?? null };
    },
  },
  artifacts: {
    until: '1.0',
    async find(db, accountId, artifact) {
      const release = await named(db, releaseRecords, accountId, related(artifact, 'release'));
      return release && { product: { account: accountPath(accountId), id: release.productId } };
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
