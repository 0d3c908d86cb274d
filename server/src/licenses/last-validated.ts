import { sql } from '../kernel/database/drizzle.ts';
import { lateWrite } from '../kernel/database/late-write.ts';
import type { Found } from './validate.facts.ts';

/** A validation to remember: when, and what its scopes identified. */
export interface Validated {
  accountId: string;
  licenseId: string;
  at: Date;
  found: Found | undefined;
}

/** One entry per license: the latest instant, and of each thing found the latest that was. */
function merged(validations: readonly Validated[]): { id: string; account_id: string; at: Date; version: string | null; checksum: string | null }[] {
  const rows = new Map<string, ReturnType<typeof merged>[number]>();
  for (const { accountId, licenseId, at, found } of validations.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const before = rows.get(licenseId);
    const version = found?.version ?? before?.version ?? null;
    rows.set(licenseId, { id: licenseId, account_id: accountId, at, version, checksum: found?.checksum ?? before?.checksum ?? null });
  }
  return [...rows.values()];
}

/**
 * Remembers validations with their licenses (spec/validation.md 5): best effort, so whoever holds a license's row is not waited for, and what cannot be
 * written then is dropped.
 */
export const rememberValidation = lateWrite<Validated>({
  name: 'last validated',
  async write(validations, database) {
    await database.drizzle.execute(sql`
      update licenses set last_validated_at = greatest(licenses.last_validated_at, free.at), updated_at = free.at,
        last_validated_version = coalesce(free.version, licenses.last_validated_version), last_validated_checksum = coalesce(free.checksum, licenses.last_validated_checksum)
      from (
        select given.* from jsonb_to_recordset(${JSON.stringify(merged(validations))}::jsonb) as given(account_id uuid, id uuid, at timestamptz, version text, checksum text)
        join licenses on licenses.account_id = given.account_id and licenses.id = given.id
        for update of licenses skip locked
      ) free
      where licenses.account_id = free.account_id and licenses.id = free.id`);
  },
});
