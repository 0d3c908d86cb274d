/** Lines of the access matrix for what hangs on a machine: components and processes have the same rules (spec/machines.md 9.2, 10.2). */
import { all, always, type Bearer, each, lax, staff, strict } from '../kernel/access/access.ts';
import type { License } from '../licenses/license.table.ts';
import type { Policy } from '../policies/policy.table.ts';
import { type OnLicense, ofLicense, ofProduct, ownsMachine, unprotected } from './machine.access.ts';
import type { Machine } from './machine.table.ts';

/** A draft may name a machine that does not exist: only staff get as far as being told so. */
interface OnMachine {
  machine?: Machine | null | undefined;
  license?: License | null | undefined;
  policy?: Policy | null | undefined;
}

/** A rule about machines, asked of what hangs on one. */
const onMachine =
  (test: (bearer: Bearer, machine: OnLicense) => boolean) =>
  (bearer: Bearer, { machine, license, policy }: OnMachine): boolean =>
    !!machine && test(bearer, { licenseId: machine.licenseId, ownerId: machine.ownerId, license, policy });

const product = each<OnMachine>(onMachine(ofProduct), 'product');
const license = each<OnMachine>(onMachine(ofLicense), 'license');
const owner = each<OnMachine>(all<OnMachine>(onMachine(ownsMachine), onMachine(unprotected)), 'user');
// what a user sees belongs to its licenses already
const relatives = { ...staff, ...always('environment', 'user'), ...product, ...license };
const developers = { ...always('admin', 'developer', 'environment'), ...product, ...owner, ...license };
const writers = { ...developers, ...always('sales-agent') };

/** The lines that both kinds have. @param kind as permissions name it */
export const onMachineLines = (kind: 'component' | 'process') => ({
  list: lax<OnMachine>(`${kind}.read`, relatives),
  show: lax<OnMachine>(`${kind}.read`, relatives),
  create: strict<OnMachine>(`${kind}.create`, writers),
  update: strict<OnMachine>(`${kind}.update`, { ...writers, ...always('support-agent') }),
  delete: strict<OnMachine>(`${kind}.delete`, writers),
  'show-product': lax<OnMachine>('product.read', relatives),
  'show-license': lax<OnMachine>('license.read', relatives),
  'show-machine': lax<OnMachine>('machine.read', relatives),
});

export const pingProcess = lax<OnMachine>('process.heartbeat.ping', developers);
