import type { Role } from '../kernel/access/roles.ts';
import { body, environmentRelationship, integer, object, type Shape, string, time, toOne } from '../kernel/http/params.ts';
import { permissionsParam } from '../kernel/jsonapi/permission-rules.ts';

const attributes = { expiry: time.nullable(), name: string.nullable() };
const relationships = { environment: environmentRelationship };
const counter = integer.nullable();

const below = <const A extends Shape>(more: A) =>
  body('tokens', { dataRequired: false, attributesRequired: false, attributes: { ...attributes, ...more }, relationships });
const granters: readonly Role[] = ['admin', 'developer', 'environment'];

/** `POST /tokens`, all of it optional; `otp` has been looked at by the sign-in before (spec/auth.md 5.3). */
export const generateToken = body('tokens', {
  dataRequired: false,
  attributesRequired: false,
  attributes: { ...attributes, permissions: permissionsParam(...granters, 'sales-agent', 'support-agent', 'read-only', 'product', 'user', 'license') },
  relationships: { bearer: toOne('environments', 'products', 'users', 'licenses'), ...relationships },
  meta: object({ otp: string.required().secret() }),
});

const permissions = permissionsParam(...granters, 'product');
/** Below users and products. */
export const generateBelow = below({ permissions });
/** Below licenses. */
export const generateForLicense = below({ maxActivations: counter, maxDeactivations: counter, permissions });
/** Below environments. */
export const generateForEnvironment = below({ permissions: permissionsParam(...granters) });
