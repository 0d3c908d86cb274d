/** Who sees and does what with machines (spec/auth.md 11, spec/machines.md 1.4, 7). */
import { type Access, type Asker, access, all, always, type Bearer, type Condition, each, lax, type Mode, staff, strict } from '../kernel/access/access.ts';
import type { License } from '../licenses/license.table.ts';
import type { Policy } from '../policies/policy.table.ts';
import type { MachineRecord } from './machine.records.ts';
import { machineSight } from './machine.sight.ts';

/** What rules ask of a machine, and of what hangs on one. A draft may name a license that does not exist: only staff get as far as being told so. */
export interface OnLicense {
  licenseId: string;
  ownerId: string | null;
  license?: License | null | undefined;
  policy?: Policy | null | undefined;
}
type Test = (bearer: Bearer, record: OnLicense) => boolean;

/** The bearer is the product of the machine's license. */
export const ofProduct: Test = (bearer, { license }) => license?.productId === bearer.id;
/** The bearer is the machine's license. */
export const ofLicense: Test = (bearer, { licenseId }) => licenseId === bearer.id;
/** The bearer owns the machine's license. */
export const ownsLicense: Test = (bearer, { license }) => license?.ownerId === bearer.id;
/** The bearer owns the machine or its license. */
export const ownsMachine: Test = (bearer, machine) => machine.ownerId === bearer.id || ownsLicense(bearer, machine);
/** Neither the license nor, where it does not say, its policy is protected (spec/auth.md 10.7). */
export const unprotected: Test = (_, { license, policy }) => !(license?.protected ?? policy?.protected ?? false);

type Judged = MachineRecord & { components?: readonly unknown[] | undefined };

const product = each<OnLicense>(ofProduct, 'product');
const license = each<OnLicense>(ofLicense, 'license');
const user = (...conditions: Condition<OnLicense>[]) => each<OnLicense>(all<OnLicense>(...conditions), 'user');
// what a user sees of machines belongs to its licenses already
const relatives = { ...staff, ...always('environment', 'user'), ...product, ...license };
const developers = { ...always('admin', 'developer', 'environment'), ...product };
const writers = { ...developers, ...always('sales-agent') };
const editors = { ...writers, ...always('support-agent') };
const owner = user(ownsMachine, unprotected);

/** From the global environment the current owner does not matter (spec/environments.md 8.2). */
const withinEnvironment = ({ environment }: Asker): Mode => (environment === null ? 'lax' : 'strict');

type Action =
  | ('list' | 'show' | 'create' | 'update' | 'delete' | 'ping' | 'reset' | 'check-out' | 'proof')
  | ('show-product' | 'show-license' | 'show-group' | 'change-group' | 'show-owner' | 'change-owner' | 'show-user' | 'show-components' | 'show-processes');

export const machineAccess: Access<Judged, Action> = access({
  visible: machineSight,
  may: {
    list: lax('machine.read', relatives),
    show: lax('machine.read', relatives),
    create: strict<Judged>('machine.create', { ...writers, ...owner, ...license }, { alsoNeeds: ({ components }) => (components ? ['component.create'] : []) }),
    update: strict('machine.update', { ...editors, ...owner, ...each<OnLicense>(all<OnLicense>(ofLicense, unprotected), 'license') }),
    delete: strict('machine.delete', { ...writers, ...owner, ...license }),
    ping: lax('machine.heartbeat.ping', { ...developers, ...owner, ...license }),
    reset: lax('machine.heartbeat.reset', writers),
    'check-out': strict('machine.check-out', { ...editors, ...user(unprotected), ...license }),
    proof: lax('machine.proofs.generate', { ...writers, ...user(ownsLicense, unprotected), ...license }),
    'show-product': lax('product.read', relatives),
    'show-license': lax('license.read', relatives),
    'show-group': lax('group.read', relatives),
    'change-group': strict('machine.group.update', writers),
    'show-owner': lax('user.read', relatives),
    'change-owner': strict('machine.owner.update', writers, { mode: withinEnvironment }),
    'show-user': lax('user.read', { ...relatives, ...user(ownsLicense) }),
    'show-components': lax('component.read', relatives),
    'show-processes': lax('process.read', relatives),
  },
});
