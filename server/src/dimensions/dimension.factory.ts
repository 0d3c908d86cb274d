import { type Attributes, type Factory, type FactoryContext, factory } from '../testkit/factory.ts';
import { dimensionId } from './dimension.id.ts';
import type { DimensionTable } from './dimension.table.ts';

/** @param keys those that there are; a new record has the first that its account lacks. Without them any key will do. */
export const dimensionFactory = (type: string, table: DimensionTable, keys: readonly string[] = []): Factory =>
  factory({
    type,
    table,
    async defaults({ sequence, find }, { account_id }) {
      for (const key of keys) if (!(await find(type, { account_id, key }))) return { key };
      return { key: `${type.replace('release_', '')}-${sequence}` };
    },
  });

interface Dimension {
  table: DimensionTable;
  /** What is stored of the text that names it. */
  key?: (text: string | null) => string | null;
}

/** Attributes that name rows by their keys, as on the wire, turned into ids of rows that are made on demand. @param dimensions by attribute */
export async function withDimensions({ db, now }: FactoryContext, attributes: Attributes, dimensions: Record<string, Dimension>): Promise<Attributes> {
  const columns = { ...attributes };
  for (const [name, { table, key: stored }] of Object.entries(dimensions)) {
    if (columns[name] === undefined) continue;
    const text = columns[name] as string | null;
    const key = stored ? stored(text) : text;
    columns[`${name}_id`] = key === null ? null : await dimensionId(db, table, String(attributes.account_id), key, now);
    delete columns[name];
  }
  return columns;
}
