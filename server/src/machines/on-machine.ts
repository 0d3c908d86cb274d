import { and, eq } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { idOf, newRow, type Routes } from '../kernel/jsonapi/resource.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { machineDocument } from './machine.document.ts';
import { type MachineRecord, machineRecords } from './machine.records.ts';
import { machines } from './machine.table.ts';

interface Body {
  data: { id?: string; relationships: { machine: { data: { id: string } }; environment?: { data: { id: string } | null } } };
}

/** What an unsaved component or process has of its machine. Without one, which its rules refuse, only the id. */
export async function draftOnMachine({ data }: Body, context: Context) {
  const { machine: named, environment } = data.relationships;
  const [machine] = await machineRecords.find(context.db, and(eq(machines.accountId, context.accountId), eq(machines.id, named.data.id)));
  const given = { id: data.id, environmentId: idOf(environment), parentEnvironmentId: machine?.environmentId ?? null };
  const { license, policy } = machine ?? {};
  const parents = { machine, license, policy } as Pick<MachineRecord, 'license' | 'policy'> & { machine: MachineRecord };
  return { metadata: {}, ...newRow(context, given), machineId: named.data.id, ...parents };
}

interface OnMachine {
  id: string;
  accountId: string;
  createdAt: Date;
  updatedAt: Date;
  machineId: string;
  machine: { licenseId: string };
  license: { productId: string };
}

/** The routes of a component's or process's product, license and machine. */
export function relatedThroughMachine<Row extends OnMachine>(on: Routes<Row, 'show-product' | 'show-license' | 'show-machine'>): void {
  const product = { records: productRecords, document: productDocument };
  const license = { records: licenseRecords, document: licenseDocument };
  const machine = { records: machineRecords, document: machineDocument };
  on.related('product', { can: 'show-product', of: product, id: (row) => row.license.productId, whenUnset: 'not found' });
  on.related('license', { can: 'show-license', of: license, id: (row) => row.machine.licenseId, whenUnset: 'not found' });
  on.related('machine', { can: 'show-machine', of: machine, id: ({ machineId }) => machineId, whenUnset: 'not found' });
}
