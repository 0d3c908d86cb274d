import { array, object, string, toOne, typeNames } from '../kernel/http/params.ts';

const link = object({
  type: string.oneOf(typeNames('constraints')).required(),
  relationships: object({ entitlement: toOne('entitlements').required() }).required(),
});

/** Constraints that do not exist yet, by their entitlements (spec/distribution.md 3.3, 10). */
export const constraintLinks = array(link);
export type ConstraintLinks = (typeof constraintLinks)['value'];

/** The entitlements that they name, in their order. */
export const entitlementsOf = (links: ConstraintLinks): string[] => links.map(({ relationships }) => relationships.entitlement.data.id);

/** 1 to 100 of them. */
export const attachConstraints = object({ data: constraintLinks.length(1, 100, true).required() }).required();
