import type { Role } from '../kernel/access/roles.ts';
import {
  body,
  boolean,
  environmentRelationship,
  integer,
  linkage,
  linkageOrNone,
  metadata,
  type Sender,
  string,
  time,
  toOne,
  toOneOrNone,
  uuidParam,
} from '../kernel/http/params.ts';
import { permissionsParam } from '../kernel/jsonapi/permission-rules.ts';

const by =
  (...roles: Role[]) =>
  ({ role }: Sender): boolean =>
    (roles as string[]).includes(role);

const creators = by('admin', 'developer', 'sales-agent', 'product', 'environment');
const updaters = by('admin', 'developer', 'sales-agent', 'support-agent', 'product', 'environment');

const names = { name: string.nullable().allowBlank() };
const permissions = permissionsParam('admin', 'developer', 'product', 'environment');

/** What only some may send (spec/licenses.md 1). */
const privileged = (guard: (sender: Sender) => boolean) => ({
  expiry: time.nullable().only(guard),
  suspended: boolean.only(guard),
  protected: boolean.only(guard),
  maxMachines: integer.nullable().only(guard),
  maxProcesses: integer.nullable().only(guard),
  maxUsers: integer.nullable().only(guard),
  maxCores: integer.nullable().only(guard),
  maxMemory: integer.nullable().only(guard),
  maxDisk: integer.nullable().only(guard),
  maxUses: integer.nullable().only(guard),
});

/** spec/licenses.md 4.1 */
export const createLicense = body('licenses', {
  id: uuidParam.only(creators),
  attributesRequired: false,
  relationshipsRequired: true,
  attributes: { ...names, key: string, ...privileged(creators), permissions, metadata },
  relationships: {
    policy: toOne('policies').required(),
    owner: toOneOrNone('users'),
    user: toOneOrNone('users').as('owner'),
    group: toOneOrNone('groups').only(updaters),
    environment: environmentRelationship,
  },
});

/** spec/licenses.md 5 */
export const updateLicense = body('licenses', {
  id: 'ignored',
  attributes: { ...names, ...privileged(updaters), permissions, metadata: metadata.only(updaters) },
});

export const policyBody = linkage('policies');
export const groupBody = linkageOrNone('groups');
export const ownerBody = linkageOrNone('users');
