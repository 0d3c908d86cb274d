import { eq } from 'drizzle-orm';
import { type Row, records } from '../kernel/database/records.ts';
import { users } from './user.table.ts';

/** Found by id or by e-mail, whatever its case. */
export const userRecords = records(users, { type: 'users', noun: 'user', aliases: [(email) => eq(users.email, email.toLowerCase())] });
export type UserRecord = Row<typeof userRecords>;
