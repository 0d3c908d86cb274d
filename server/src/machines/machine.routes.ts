import { componentAccess } from '../components/component.access.ts';
import { componentDocument } from '../components/component.document.ts';
import { componentRecords } from '../components/component.records.ts';
import { components } from '../components/component.table.ts';
import { groupDocument } from '../groups/group.document.ts';
import { groupRecords } from '../groups/group.records.ts';
import { and, eq, type SQL } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Route } from '../kernel/http/route.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import { processAccess } from '../processes/process.access.ts';
import { processDocument } from '../processes/process.document.ts';
import { processRecords } from '../processes/process.records.ts';
import { processes } from '../processes/process.table.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { countDeactivation } from '../tokens/activations.ts';
import { userDocument } from '../users/user.document.ts';
import { userRecords } from '../users/user.records.ts';
import { draftMachine, int64, lockMachine, storeMachine } from './activate.ts';
import { pingRoutes, resetHeartbeat } from './beat.ts';
import { machineAccess as access } from './machine.access.ts';
import { countChange, countGone } from './machine.counters.ts';
import { machineDocument as document } from './machine.document.ts';
import { machineFilters, statusFilter } from './machine.filters.ts';
import { machineHeartbeats } from './machine.heartbeats.ts';
import { licenseOf } from './machine.locks.ts';
import { type MachineRecord, machineRecords as records } from './machine.records.ts';
import { machineRules as rules } from './machine.rules.ts';
import { createMachine, machineGroup, machineOwner, updateMachine } from './machine.schema.ts';
import { changeGroup, changeOwner, groupSubject, ownerSubject } from './relate.ts';

const withLicense = ({ accountId, licenseId }: MachineRecord, { db }: Change) => licenseOf(db, accountId, licenseId, 'update');

const component = { records: componentRecords, document: componentDocument, access: componentAccess };
const process = { records: processRecords, document: processDocument, access: processAccess };
const license = { records: licenseRecords, document: licenseDocument };
const product = { records: productRecords, document: productDocument };
const group = { records: groupRecords, document: groupDocument };
const user = { records: userRecords, document: userDocument };
const put = ['PUT', 'PATCH'] as const;

/** spec/machines.md 1.4, 7; check-outs and proofs are in machine-check-out.routes.ts */
const machineRoutes: Route[] = resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', filters: machineFilters });
  on.show({ can: 'show', hot: true });
  on.create({ can: 'create', body: createMachine, emits: 'machine.created', draft: draftMachine, lock: lockMachine, store: storeMachine });
  on.update({
    can: 'update',
    body: updateMachine,
    emits: 'machine.updated',
    diff: true,
    lock: withLicense,
    assign: (_, { data: { attributes } }) => {
      const { memory, disk, ...others } = attributes;
      return { ...others, ...(memory !== undefined && { memory: int64(memory) }), ...(disk !== undefined && { disk: int64(disk) }) };
    },
    after: (next, before, { db }) => countChange(db, before, next),
  });
  on.remove({
    can: 'delete',
    emits: 'machine.deleted',
    lock: withLicense,
    async before(machine, change, context) {
      await countDeactivation(change, context);
      await countGone(change.db, machine);
    },
  });

  pingRoutes(on, machineHeartbeats, ['ping', 'ping-heartbeat']);
  for (const name of ['reset', 'reset-heartbeat'])
    on.action(name, { summary: 'Reset the heartbeat of a machine', can: 'reset', run: (machine, context) => resetHeartbeat(machine, context) });

  on.related('product', { can: 'show-product', of: product, id: (machine) => machine.license.productId, whenUnset: 'not found' });
  on.related('license', { can: 'show-license', of: license, id: ({ licenseId }) => licenseId, whenUnset: 'not found' });
  on.related('group', { can: 'show-group', of: group, id: ({ groupId }) => groupId, whenUnset: 'not found' });
  on.related('owner', { can: 'show-owner', of: user, id: ({ ownerId }) => ownerId, whenUnset: 'null' });
  on.related('user', { can: 'show-user', of: user, id: (machine) => machine.license.ownerId, whenUnset: 'null' });
  on.below('group.update', '/group', {
    summary: 'Change the group of a machine',
    can: 'change-group',
    methods: put,
    body: machineGroup,
    bodyFirst: true,
    subject: groupSubject,
    run: changeGroup,
  });
  on.below('owner.update', '/owner', {
    summary: 'Change the owner of a machine',
    can: 'change-owner',
    methods: put,
    body: machineOwner,
    subject: ownerSubject,
    run: changeOwner,
  });

  const ofMachine =
    (table: typeof components | typeof processes) =>
    (machine: MachineRecord): SQL =>
      and(eq(table.accountId, machine.accountId), eq(table.machineId, machine.id))!;
  on.children('components', { can: 'show-components', of: component, children: ofMachine(components) });
  on.children('processes', { can: 'show-processes', of: process, children: ofMachine(processes), filters: { status: statusFilter(processes) } });
});

export default machineRoutes;
