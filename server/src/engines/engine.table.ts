import { dimensionTable } from '../dimensions/dimension.table.ts';

/** spec/distribution.md 12 */
export const engines = dimensionTable('engines');
export type Engine = typeof engines.$inferSelect;
