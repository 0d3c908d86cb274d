import { dimensionTable } from '../dimensions/dimension.table.ts';

/** spec/distribution.md 12 */
export const arches = dimensionTable('arches');
export type Arch = typeof arches.$inferSelect;
