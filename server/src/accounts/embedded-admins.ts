/** Admins that are made together with an account or an environment (spec/accounts.md 4.1, spec/environments.md 1.3). */
import { apiError } from '../kernel/http/errors.ts';
import { array, metadata, object, string } from '../kernel/http/params.ts';
import { type Facts, type Failure, failuresOf } from '../kernel/jsonapi/rules.ts';
import type { UserRecord } from '../users/user.records.ts';
import { userRules } from '../users/user.rules.ts';
import { type AdminOf, adminRow, type NewAdmin } from './create-account.ts';

const optionalText = string.nullable().allowBlank();

const admin = object({
  type: string.oneOf(['user', 'users']).required(),
  attributes: object({
    email: string.required(),
    password: optionalText.secret(),
    firstName: optionalText,
    lastName: optionalText,
    metadata,
    role: string.oneOf(['admin']),
  }).required(),
});

export const adminsRelationship = object({ data: array(admin).allowBlank().required() });

/** The rows of the admins that a body embeds. @throws {ApiError} 422 for more than 10 */
export function embeddedAdmins(relationship: { data: { attributes: NewAdmin }[] } | undefined, of: AdminOf): UserRecord[] {
  const list = relationship?.data ?? [];
  if (list.length > 10) throw apiError('TOO_MANY_RECORDS');
  return list.map(({ attributes }) => adminRow(attributes, of));
}

/** Everything that is wrong with embedded admins; the subject is `~users.<index>.<attribute>`, or without the index. */
export async function adminFailures(admins: readonly UserRecord[], facts: Facts, { indexed }: { indexed: boolean }): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const [index, one] of admins.entries())
    for (const failure of await failuresOf(userRules.rules, one, facts))
      failures.push({ ...failure, subject: `~users${indexed ? `.${index}` : ''}.${failure.subject}` });
  return failures;
}
