import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { parseColumn } from '../kernel/database/json.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import type { ResourceObject } from '../kernel/jsonapi/document.ts';
import { licenses } from '../licenses/license.table.ts';
import type { WebhookEvent } from './webhook-event.table.ts';

/** The last version that showed the owner of a machine's license (spec/events.md 15). */
const withLicenseOwner = '1.5';

/**
 * A stored payload goes to an endpoint that was moved to an older version since. What that version shows of machines and no newer one does, the owner of the
 * license, is looked up: stored payloads do not have it.
 * @returns the payload, with it where it is needed
 */
export async function withOlder(db: Db, { accountId, payload, apiVersion }: WebhookEvent, version: string): Promise<string | null> {
  if (payload === null || apiVersion === null || apiVersion <= withLicenseOwner || version > withLicenseOwner) return payload;
  const document = parseColumn(payload) as { data: ResourceObject | ResourceObject[] };
  if (Array.isArray(document.data) || document.data?.type !== 'machines') return payload;
  const license = document.data.relationships?.license?.data as { id: string } | undefined;
  const [found] = license
    ? await db
        .select({ ownerId: licenses.ownerId })
        .from(licenses)
        .where(and(eq(licenses.accountId, accountId), eq(licenses.id, license.id)))
    : [];
  return stringifyJson({ ...document, data: { ...document.data, older: { licenseOwnerId: found?.ownerId ?? null } } });
}
