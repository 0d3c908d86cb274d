import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { highestFirst } from '../releases/version.columns.ts';
import { artifacts } from './artifact.table.ts';

/** Which of several artifacts of one filename is meant: that of the highest version, and of those the newest (spec/distribution.md 7.4). */
export const newestVersion: SQL = sql`${highestFirst}, ${artifacts.createdAt} desc, ${artifacts.id} desc`;
