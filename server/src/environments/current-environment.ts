/** Which environment a request chose (spec/http.md 14, spec/environments.md 2). */
import { and, eq, or } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { headerText } from '../kernel/http/header-text.ts';
import { parseUuid } from '../kernel/id.ts';
import { environments } from './environment.table.ts';

function asked(context: Context): string | undefined {
  const header = context.headers['keygen-environment'];
  if (header !== undefined) return headerText(header) ?? '';
  const { environment } = context.query;
  if (typeof environment === 'string') return environment;
  return typeof context.body.environment === 'string' ? context.body.environment : undefined;
}

/** Sets the request's environment; none named: the global one. @throws {ApiError} 400 */
export async function resolveEnvironment(context: Context): Promise<void> {
  const name = asked(context);
  if (name === undefined) return;
  if (name.includes('\0')) throw apiError('NULL_BYTE');
  const id = parseUuid(name);
  const called = id === undefined ? eq(environments.code, name) : or(eq(environments.id, id), eq(environments.code, name));
  const [found] =
    name === ''
      ? []
      : await context.db
          .select()
          .from(environments)
          .where(and(eq(environments.accountId, context.accountId), called))
          .limit(1);
  if (!found) throw apiError('ENVIRONMENT_INVALID');
  context.environment = { id: found.id, code: found.code, isolationStrategy: found.isolationStrategy };
}
