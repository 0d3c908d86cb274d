import { codeRules } from '../kernel/jsonapi/code-rules.ts';
import { permissionsRule } from '../kernel/jsonapi/permission-rules.ts';
import { longer, metadataRule, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import { urlRules } from '../kernel/jsonapi/url-rules.ts';
import { type ProductRecord, productRecords } from './product.records.ts';

const strategies = ['LICENSED', 'OPEN', 'CLOSED'];

/** spec/licensing.md 1.5 */
export const productRules = rules<ProductRecord>(productRecords, [
  permissionsRule<ProductRecord>('product'),
  ...codeRules(productRecords.table),
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
  ...urlRules<ProductRecord>(['https', 'http'], 255),
  [
    'distributionStrategy',
    'unsupported distribution strategy',
    'NOT_ALLOWED',
    ({ distributionStrategy: strategy }) => strategy !== null && !strategies.includes(strategy),
  ],
  metadataRule,
]);
