import { groups } from '../groups/group.table.ts';
import { groupLimit } from '../groups/group-limit.ts';
import { roleAllows } from '../kernel/access/permissions.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { isTaken } from '../kernel/jsonapi/code-rules.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { permissionsRule } from '../kernel/jsonapi/permission-rules.ts';
import { longer, metadataRule, type Rule, rules, shorter, tooLong, tooShort, touches } from '../kernel/jsonapi/rules.ts';
import { roleOf } from '../tokens/bearer.ts';
import { type UserRecord, userRecords } from './user.records.ts';
import { users } from './user.table.ts';

/** One address, with a local part and a domain that has a dot. */
const address = /^[^\s@,;<>"]+@(?:[^\s@,;<>".]+\.)+[^\s@,;<>".]+$/;

/** A password as it is set, here and by the password actions. */
export const passwordRules: readonly Rule<Pick<UserRecord, 'password'>>[] = [
  ['password', tooShort(6), 'TOO_SHORT', ({ password }) => shorter(password, 6)],
  ['password', tooLong(72), 'TOO_LONG', ({ password }) => longer(password, 72)],
];

const inGroup = compatibleWith<UserRecord>([
  [
    'group',
    async ({ accountId, groupId }, { db }) => {
      if (groupId === null) return null;
      const [group] = await db
        .select()
        .from(groups)
        .where(and(eq(groups.accountId, accountId), eq(groups.id, groupId)));
      return group;
    },
  ],
]);

/** spec/users.md 1.3 */
export const userRules = rules<UserRecord>(userRecords, [
  ['email', 'is invalid', 'INVALID', ({ email }, facts) => touches(facts, 'email') && !address.test(email)],
  ['email', 'has already been taken', 'TAKEN', (user, facts) => touches(facts, 'email') && isTaken(users, user, users.email, user.email, facts)],
  ['email', tooLong(255), 'TOO_LONG', ({ email }) => longer(email, 255)],
  ...passwordRules,
  ['firstName', tooLong(255), 'TOO_LONG', ({ firstName }) => longer(firstName, 255)],
  ['lastName', tooLong(255), 'TOO_LONG', ({ lastName }) => longer(lastName, 255)],
  metadataRule,
  groupLimit('user', users),
  inGroup,
  permissionsRule((user) => roleAllows(roleOf(user), user.permissions)),
]);
