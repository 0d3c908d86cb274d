import { sorted } from '../kernel/access/permissions.ts';
import { document, many, one } from '../kernel/jsonapi/document.ts';
import { roleOf } from '../tokens/bearer.ts';
import { type UserRecord, userRecords } from './user.records.ts';
import { userStatus } from './user.status.ts';

/** spec/users.md 1.1, 1.2 */
export const userDocument = document<UserRecord>(userRecords, {
  attributes: {
    fullName: ({ firstName, lastName }) => (firstName === null || lastName === null ? null : `${firstName} ${lastName}`),
    firstName: 'firstName',
    lastName: 'lastName',
    email: 'email',
    status: (user, { now }) => userStatus(user, now),
    role: roleOf,
    permissions: ({ permissions }) => sorted(permissions),
    metadata: 'metadata',
  },
  relationships: {
    group: one('groups', ({ groupId }) => groupId, 'group'),
    products: many('products'),
    licenses: many('licenses'),
    machines: many('machines'),
    tokens: many('tokens'),
    secondFactors: many('second-factors'),
  },
});
