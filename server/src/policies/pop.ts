import type { Context } from '../kernel/http/context.ts';
import { unprocessable } from '../kernel/http/errors.ts';
import type { Answer } from '../kernel/http/route.ts';
import { keyAccess as access } from '../keys/key.access.ts';
import { keyDocument as document } from '../keys/key.document.ts';
import type { KeyRecord } from '../keys/key.records.ts';
import { popKey } from '../keys/pop-key.ts';
import type { PolicyRecord } from './policy.records.ts';

const pool = { pointer: '/data/relationships/pool' };

/** Takes a key out of a policy's pool and answers it (spec/licensing.md 2.9). @throws {ApiError} 422 when there is no pool, or nothing in it */
export async function popFromPool(policy: PolicyRecord, context: Context): Promise<Answer> {
  if (!policy.usePool) throw unprocessable('pool is not supported', pool);
  const row = await context.change(async (change): Promise<KeyRecord> => {
    // While the key is there: afterwards no product's endpoint could read it.
    const key = await popKey(change, policy, (row) => change.emit('policy.pool.popped', { document, access, row: { ...row, policy } }));
    if (!key) throw unprocessable('pool is empty', pool);
    return { ...key, policy };
  });
  return { status: 200, document: { data: document.render(row, { now: context.now, context: 'response' }) } };
}
