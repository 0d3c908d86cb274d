import { access } from '../kernel/access/access.ts';
import type { ConstraintRecord } from './constraint.records.ts';

/** Constraints are seen through their release alone, which asks for all of them. */
export const constraintAccess = access<ConstraintRecord, never>({
  visible: { staff: true, environment: true, product: true, user: true, license: true, anonymous: false },
  may: {},
});
