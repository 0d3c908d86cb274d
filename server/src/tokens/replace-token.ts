/** The end of a token, or of its secret (spec/auth.md 5.6). Sessions that rest on a token end in both cases. */
import type { Context } from '../kernel/http/context.ts';
import { notFound } from '../kernel/http/errors.ts';
import type { Answer } from '../kernel/http/route.ts';
import { deleteRow, lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { inTwoWeeks, newSecret } from './generate-token.ts';
import { tokenAccess as access } from './token.access.ts';
import { tokenDocument as document } from './token.document.ts';
import { tokenRecords as records, type TokenRecord } from './token.records.ts';

/** Gives a token another secret; if it expires at all, it does in two weeks. @returns the token with the secret */
export function regenerate(token: TokenRecord, context: Context): Promise<TokenRecord> {
  return context.change(async (change) => {
    const row = await lockRow(change, records, token);
    if (!row) throw notFound('token', context.params.id);
    const { secret, digest } = newSecret(context, row);
    const changes = { digest, expiry: row.expiry && inTwoWeeks(context.now), updatedAt: context.now };
    await updateRow(change, records, row, changes);
    const next = { ...row, ...changes, secret };
    await change.emit('token.regenerated', { document, access, row: next });
    return next;
  });
}

export async function revoke(token: TokenRecord, context: Context): Promise<Answer> {
  await context.change(async (change) => {
    const row = await lockRow(change, records, token);
    if (!row) throw notFound('token', context.params.id);
    await change.emit('token.revoked', { document, access, row });
    await deleteRow(change, records, row);
  });
  return { status: 204 };
}
