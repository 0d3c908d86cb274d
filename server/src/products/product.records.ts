import { equalsThroughLower } from '../kernel/database/columns.ts';
import { type Row, records } from '../kernel/database/records.ts';
import { products } from './product.table.ts';

export const productRecords = records(products, { type: 'products', noun: 'product', aliases: [(code) => equalsThroughLower(products.code, code)] });
export type ProductRecord = Row<typeof productRecords>;
