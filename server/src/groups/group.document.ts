import { document, linked, many } from '../kernel/jsonapi/document.ts';
import { type GroupOwnerRecord, type GroupRecord, groupOwnerRecords, groupRecords } from './group.records.ts';

export const groupDocument = document<GroupRecord>(groupRecords, {
  attributes: { name: 'name', maxUsers: 'maxUsers', maxLicenses: 'maxLicenses', maxMachines: 'maxMachines', metadata: 'metadata' },
  relationships: { owners: many('owners'), users: many('users'), licenses: many('licenses'), machines: many('machines') },
});

export const groupOwnerDocument = document<GroupOwnerRecord>(groupOwnerRecords, {
  attributes: {},
  relationships: { group: linked('groups', (owner) => owner.groupId), user: linked('users', (owner) => owner.userId) },
  path: (owner) => `/groups/${owner.groupId}/owners/${owner.id}`,
});
