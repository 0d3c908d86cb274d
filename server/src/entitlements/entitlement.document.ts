import { document } from '../kernel/jsonapi/document.ts';
import { type EntitlementRecord, entitlementRecords } from './entitlement.records.ts';

export const entitlementDocument = document<EntitlementRecord>(entitlementRecords, { attributes: { name: 'name', code: 'code', metadata: 'metadata' } });
