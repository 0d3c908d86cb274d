import { document, one } from '../kernel/jsonapi/document.ts';
import { type ComponentRecord, componentRecords } from './component.records.ts';

/** spec/machines.md 9.1 */
export const componentDocument = document<ComponentRecord>(componentRecords, {
  attributes: { fingerprint: 'fingerprint', name: 'name', metadata: 'metadata' },
  relationships: {
    product: one('products', ({ license }) => license.productId, 'product'),
    license: one('licenses', ({ machine }) => machine.licenseId, 'license'),
    machine: one('machines', ({ machineId }) => machineId, 'machine'),
  },
});
