import { parseUuid } from '../kernel/id.ts';
import { mustExist } from '../kernel/jsonapi/association-rules.ts';
import { isTaken } from '../kernel/jsonapi/code-rules.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { longer, metadataRule, reserved, rules, tooLong, touches } from '../kernel/jsonapi/rules.ts';
import { type Product, products } from '../products/product.table.ts';
import { type PackageRecord, packageRecords } from './package.records.ts';

/** A draft comes with its product, if there is such a product, and a key with what it was sent as. */
export type PackageDraft = PackageRecord & { product?: Product | null; sentKey?: string };

/** Keys are judged as they were sent: what they become may still be taken, which the index refuses (spec/distribution.md 1.12). */
const keyOf = ({ key, sentKey }: PackageDraft): string => sentKey ?? key;

/** spec/distribution.md 19 */
export const packageRules = rules<PackageDraft>(packageRecords, [
  mustExist<PackageDraft>('product', products, ({ productId }) => productId),
  compatibleWith<PackageDraft>([['product', ({ product }) => product]]),
  ['key', 'is reserved', 'NOT_ALLOWED', (row) => reserved(keyOf(row))],
  ['key', 'already exists', 'TAKEN', (row, facts) => touches(facts, 'key') && isTaken(packageRecords.table, row, packageRecords.table.key, keyOf(row), facts)],
  ['key', tooLong(255), 'TOO_LONG', (row) => longer(keyOf(row), 255)],
  ['key', 'is invalid', 'INVALID', (row) => parseUuid(keyOf(row)) !== undefined],
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
  metadataRule,
]);
