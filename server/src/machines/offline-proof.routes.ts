/** Offline proofs, kept for clients that know nothing of machine files (spec/validation.md 14). */
import { machineProof } from '../kernel/crypto/proof.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import { object, Param, type Sender } from '../kernel/http/params.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { machineAccess as access } from './machine.access.ts';
import { machineDocument as document } from './machine.document.ts';
import { type MachineRecord, machineRecords as records } from './machine.records.ts';

type Scalars = Record<string, string | number | bigint | boolean | null>;

const choosers: readonly Sender['role'][] = ['admin', 'developer', 'sales-agent', 'support-agent', 'product', 'environment'];
const dataset = new Param<Scalars>({ kind: 'object', scalars: true }).describe('What the proof says instead of the standard facts.');
const body = object({ meta: object({ dataset: dataset.required() }).only(({ role }) => choosers.includes(role)) }).required();

const standardDataset = ({ accountId, license, policy, ...machine }: MachineRecord, now: Date) => ({
  account: { id: accountId },
  product: { id: license.productId },
  policy: { id: policy.id, duration: policy.duration },
  license: { id: license.id, key: license.key, expiry: license.expiry },
  machine: { id: machine.id, fingerprint: machine.fingerprint, created: machine.createdAt },
  ts: now
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC'),
});

export default resource({ records, document, access }, (on) => {
  on.action('generate-offline-proof', {
    can: 'proof',
    summary: 'Generate an offline proof of a machine (deprecated: check the machine out instead)',
    body,
    run: async (machine, context, { meta }) => {
      const proof = await machineProof(stringifyJson(meta?.dataset ?? standardDataset(machine, context.now)), context.account.keys);
      await context.change((change) => change.emit('machine.proofs.generated', { document, access, row: machine }, { meta: { proof } }));
      return { status: 200, document: { data: document.render(machine, { now: context.now, context: 'response' }), meta: { proof } } };
    },
  });
});
