/** Actions on licenses besides validation and check-out (spec/validation.md 6 to 10). */
import { authorize } from '../kernel/access/access.ts';
import { lockNotAvailable } from '../kernel/database/errors.ts';
import type { Change } from '../kernel/events/change.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError, notFound } from '../kernel/http/errors.ts';
import { integer, metaBody } from '../kernel/http/params.ts';
import { lookup } from '../kernel/jsonapi/lookup.ts';
import { deleteRow, lockRow, resource, updateRow } from '../kernel/jsonapi/resource.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import { licenseAccess as access } from './license.access.ts';
import { licenseDocument as document } from './license.document.ts';
import { type LicenseRecord, licenseRecords as records } from './license.records.ts';
import { removeWithLicense } from './license.removal.ts';
import { licenseRules } from './license.rules.ts';
import { type Act, checkIn, reinstate, renew, resetUsage, suspend, usesAfter } from './license-actions.ts';

async function locked(change: Change, found: LicenseRecord, noWait = false): Promise<LicenseRecord> {
  const license = await lockRow(change, records, found, { noWait });
  if (!license) throw notFound(records.noun, found.id);
  return license;
}

/** Stores what an action changed, and tells of it. */
async function save(change: Change, license: LicenseRecord, columns: Partial<LicenseRecord>, event: string): Promise<LicenseRecord> {
  const changes = { ...columns, updatedAt: change.now };
  const next = { ...license, ...changes };
  await updateRow(change, records, license, changes);
  await change.emit(event, { document, access, row: next });
  return next;
}

/** @param valid whether the license must pass its own rules besides */
const act =
  (does: Act, event: string, valid = false) =>
  (found: LicenseRecord, context: Context): Promise<LicenseRecord> =>
    context.change(async (change) => {
      const license = await locked(change, found);
      const columns = does(license, context.now);
      if (valid) await validate(licenseRules, license, { db: change.db, now: context.now, changed: new Set(Object.keys(columns)) });
      return save(change, license, columns, event);
    });

const usageBodies = { increment: metaBody({ increment: integer }, false), decrement: metaBody({ decrement: integer }, false) };

/** Whoever finds the license locked is told so instead of waiting (spec/validation.md 10); both actions have the same words for it. */
function conflict(error: unknown): unknown {
  if (!lockNotAvailable(error)) return error;
  return apiError('CONFLICT', { detail: 'failed to increment due to another conflicting update', source: { pointer: '/data/attributes/uses' } });
}

/** Permissions, then the lock, then the body (spec/validation.md 1.2). */
async function count(context: Context, member: 'increment' | 'decrement'): Promise<LicenseRecord> {
  const found = await lookup(context, { records, access }, context.params.id!);
  context.requestResource = { type: records.type, id: found.id };
  await authorize(context, access.may[`${member}-usage`], { record: found });
  return context.change(async (change) => {
    const license = await locked(change, found, true).catch((error) => Promise.reject(conflict(error)));
    const { meta = {} } = checkParams(usageBodies[member], context.body, context.sender) as { meta?: { increment?: number; decrement?: number } };
    const step = BigInt(meta[member] ?? 1);
    const uses = usesAfter(license, member === 'increment' ? step : -step, member);
    return save(change, license, { uses }, `license.usage.${member}ed`);
  });
}

export default resource({ records, document, access }, (on) => {
  on.action('check-in', { can: 'check-in', summary: 'Check a license in', run: act(checkIn, 'license.checked-in', true) });
  on.action('renew', { can: 'renew', summary: 'Renew a license', run: act(renew, 'license.renewed') });
  on.action('suspend', { can: 'suspend', summary: 'Suspend a license', run: act(suspend, 'license.suspended') });
  on.action('reinstate', { can: 'reinstate', summary: 'Reinstate a license', run: act(reinstate, 'license.reinstated') });
  on.action('reset-usage', { can: 'reset-usage', summary: 'Set the uses of a license to 0', run: act(resetUsage, 'license.usage.reset') });
  for (const member of ['increment', 'decrement'] as const) {
    on.route(`actions.${member}-usage`, 'POST', `/:id/actions/${member}-usage`, {
      summary: `Change the uses of a license by an ${member}`,
      answers: records.type,
      body: usageBodies[member],
      run: async (context) => ({ status: 200, document: { data: document.render(await count(context, member), { now: context.now, context: 'response' }) } }),
    });
  }
  on.action('revoke', {
    can: 'revoke',
    method: 'DELETE',
    summary: 'Delete a license for good',
    status: 204,
    run: async (found, context) => {
      await context.change(async (change) => {
        const license = await locked(change, found);
        await change.emit('license.revoked', { document, access, row: license });
        await removeWithLicense(license, change);
        await deleteRow(change, records, license);
      });
      return { status: 204 };
    },
  });
});
