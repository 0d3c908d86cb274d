import { licenseFiles } from './check-out.license.ts';
import { checkOutRoutes } from './check-out.run.ts';
import { licenseAccess as access } from './license.access.ts';
import { licenseDocument as document } from './license.document.ts';
import { licenseRecords as records } from './license.records.ts';
import { licenseRules as rules } from './license.rules.ts';

/** spec/validation.md 11 */
export default checkOutRoutes({ resource: { records, document, access, rules }, ...licenseFiles });
