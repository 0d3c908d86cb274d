import { userRoles } from '../kernel/access/roles.ts';
import { body, environmentRelationship, linkageOrNone, metaBody, metadata, type Sender, string, toOneOrNone } from '../kernel/http/params.ts';
import { permissionsParam } from '../kernel/jsonapi/permission-rules.ts';

const sent =
  (...roles: Sender['role'][]) =>
  ({ role }: Sender) =>
    roles.includes(role);

const name = string.allowBlank().nullable();
const password = string.nullable().secret();
const role = string.oneOf(userRoles).only(sent('admin'));
const permissions = permissionsParam('admin', 'developer', 'product', 'environment');

export const createUser = body('users', {
  attributes: { firstName: name, lastName: name, email: string.required(), password, metadata, role, permissions },
  relationships: {
    group: toOneOrNone('groups').only(sent('admin', 'developer', 'sales-agent', 'support-agent', 'product', 'environment')),
    environment: environmentRelationship,
  },
});

export const updateUser = body('users', {
  id: 'ignored',
  attributesRequired: false,
  attributes: {
    firstName: name,
    lastName: name,
    email: string,
    password: password.only(sent('admin', 'developer', 'product', 'environment')),
    metadata: metadata.only(sent('admin', 'developer', 'sales-agent', 'product', 'environment')),
    role,
    permissions,
  },
});

export const changeGroup = linkageOrNone('groups');

export const updatePassword = metaBody({ oldPassword: string.required().secret(), newPassword: string.required().secret() });
