/** Components that come with a new machine (spec/machines.md 9.3). */
import type { Change } from '../kernel/events/change.ts';
import { uuid } from '../kernel/id.ts';
import { type Facts, type Failure, failuresOf } from '../kernel/jsonapi/rules.ts';
import type { License } from '../licenses/license.table.ts';
import type { Policy } from '../policies/policy.table.ts';
import { componentTexts } from './component.rules.ts';
import { components } from './component.table.ts';
import { takenComponents } from './component.uniqueness.ts';

/** As the body of a machine has it. */
export interface NestedComponent {
  fingerprint: string;
  name: string;
  metadata: Record<string, unknown>;
}

interface Host {
  id: string;
  accountId: string;
  environmentId: string | null;
  /** A machine that is refused may name none. */
  license: License | undefined;
  policy: Policy;
}

/** At most as many come with a machine. */
export const mostNested = 20;

/** All that is wrong with them, as failures of the machine. */
export async function nestedComponents(list: readonly NestedComponent[], machine: Host, facts: Facts): Promise<Failure[]> {
  const fingerprints = list.map(({ fingerprint }) => fingerprint);
  const { license } = machine;
  const taken = license ? await takenComponents(facts.db, { ...machine, license, machineId: machine.id }, fingerprints) : new Map<string, string>();
  const failures = await Promise.all(
    list.map(async (component, index): Promise<Failure[]> => {
      const { fingerprint } = component;
      const detail = taken.get(fingerprint);
      const own: Failure[] = detail === undefined ? [] : [{ subject: 'fingerprint', kind: 'TAKEN', detail }];
      if (fingerprints.filter((other) => other === fingerprint).length > 1) own.push({ subject: 'fingerprint', kind: 'CONFLICT', detail: 'is duplicated' });
      own.push(...(await failuresOf(componentTexts, component, facts)));
      return own.map((failure) => ({ ...failure, subject: `~components.${index}.${failure.subject}` }));
    }),
  );
  return failures.flat();
}

/** Stores them, without events of their own. */
export async function insertNested(list: readonly NestedComponent[], machine: Omit<Host, 'license' | 'policy'>, change: Change): Promise<void> {
  if (list.length === 0) return;
  const { accountId, environmentId, id: machineId } = machine;
  const rows = list.map((component) => ({
    ...component,
    ...{ id: uuid(), accountId, environmentId, machineId, createdAt: change.now, updatedAt: change.now },
  }));
  await change.db.insert(components).values(rows);
}
