/** What a validation is decided by, out of the database: one prepared statement for the license, and one for all facts that its rules ask for. */
import { components } from '../components/component.table.ts';
import { entitlements, licenseEntitlements, policyEntitlements } from '../entitlements/entitlement.table.ts';
import { isInEnvironment } from '../kernel/access/access.ts';
import { isLegacyKey, legacyKeyLicenseId } from '../kernel/crypto/plain-keys.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import type { Db } from '../kernel/database/database.ts';
import { alias, and, eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import { type Gatherer, type GivenValues, gatheredSelect, given } from '../kernel/database/gather.ts';
import type { Context } from '../kernel/http/context.ts';
import { parseUuid } from '../kernel/id.ts';
import { PreparedLookup } from '../kernel/jsonapi/prepared-lookup.ts';
import { oncePerDb } from '../kernel/services.ts';
import { machines } from '../machines/machine.table.ts';
import { policies } from '../policies/policy.table.ts';
import { processes } from '../processes/process.table.ts';
import { users } from '../users/user.table.ts';
import { licenseAccess } from './license.access.ts';
import { type LicenseRecord, licenseRecords } from './license.records.ts';
import { licenses, licenseUsers } from './license.table.ts';
import type { Facts, Need, Scope } from './validate.facts.ts';
import { releaseReaders, releaseSelects, releaseValues } from './validate.releases.ts';
import { namesOwner } from './validate.steps.ts';

const owners = alias(users, 'machine_owner');
const account = given('account');
const license = given('license');

/** The user of the scope among those attached to the license. */
const attachedUser = sql`select ${users.id}, ${users.email} from ${licenseUsers}
  join ${users} on ${users.accountId} = ${licenseUsers.accountId} and ${users.id} = ${licenseUsers.userId}
  where ${licenseUsers.accountId} = ${account} and ${licenseUsers.licenseId} = ${license}
    and (${users.id} = ${given('user')} or ${users.email} = ${given('email', 'text')}) limit 1`;

const ofLicense = sql`${machines.accountId} = ${account} and ${machines.licenseId} = ${license}`;
/** The license's machines that belong to the user of the scope, or to nobody when that is no user of the license. */
const ofUser = sql`${ofLicense} and ${machines.ownerId} is not distinct from coalesce(${given('owner')}, (select id from (${attachedUser}) attached))`;
/** Found one by one through the index, however many machines the license has. */
const withFingerprint = sql`${machines.accountId} = ${account} and ${machines.id} = any(array(select m.id
  from (select ${license} as license_id, unnest(${given('fingerprints', 'text[]')}) as fingerprint offset 0) given
  join ${machines} m on m.account_id = ${account} and m.license_id = given.license_id and md5(m.fingerprint) = md5(given.fingerprint)
    and m.fingerprint = given.fingerprint))`;

const machineFact = sql`json_build_object('id', ${machines.id}, 'createdAt', ${machines.createdAt}, 'lastHeartbeatAt', ${machines.lastHeartbeatAt},
  'maxProcesses', ${machines.maxProcesses}, 'owner', case when ${owners.id} is not null then json_build_object('id', ${owners.id}, 'email', ${owners.email}) end)`;
const withOwner = sql`${machines} left join ${users} machine_owner on ${owners.accountId} = ${machines.accountId} and ${owners.id} = ${machines.ownerId}`;
const theMachine = sql`${ofLicense} and ${machines.id} = ${given('machine')}`;

const processesOn = (which: SQL): SQL => sql`from ${processes} join ${machines} on ${machines.accountId} = ${processes.accountId}
  and ${machines.id} = ${processes.machineId} where ${processes.accountId} = ${account} and ${which}`;
const perMachine = (which: SQL): SQL => sql`(select coalesce(json_object_agg(id, count), '{}') from
  (select ${processes.machineId} as id, count(*) as count ${processesOn(which)} group by ${processes.machineId}) counted)`;

/** The facts as sub-selects. `processes` and `machineProcesses` come in two kinds each. */
const selects = {
  user: sql`(select json_build_object('id', id, 'email', email) from (${attachedUser}) attached)`,
  entitlements: sql`(select coalesce(json_agg(${entitlements.code}), '[]') from ${entitlements} where ${entitlements.accountId} = ${account}
    and ${entitlements.code} = any(${given('codes', 'text[]')}) and ${entitlements.id} in (
      select ${licenseEntitlements.entitlementId} from ${licenseEntitlements}
        where ${licenseEntitlements.accountId} = ${account} and ${licenseEntitlements.licenseId} = ${license}
      union select ${policyEntitlements.entitlementId} from ${policyEntitlements}
        where ${policyEntitlements.accountId} = ${account} and ${policyEntitlements.policyId} = ${given('policy')}))`,
  machine: sql`(select ${machineFact} from ${withOwner} where ${theMachine})`,
  fingerprints: sql`(select coalesce(json_agg(${machineFact} order by ${machines.createdAt}, ${machines.id}), '[]') from ${withOwner} where ${withFingerprint})`,
  components: sql`(select count(*)::int from ${components} join ${machines} on ${machines.accountId} = ${components.accountId} and ${machines.id} = ${components.machineId}
    where ${components.accountId} = ${account} and ${withFingerprint} and ${components.fingerprint} = any(${given('components', 'text[]')}))`,
  leased: sql`(select json_build_object('machines', count(*), 'cores', coalesce(sum(${machines.cores}), 0), 'memory', coalesce(sum(${machines.memory}), 0),
    'disk', coalesce(sum(${machines.disk}), 0)) from ${machines} where ${ofUser})`,
  processesOfLicense: sql`(select count(*)::int ${processesOn(ofLicense)})`,
  processesOfUser: sql`(select count(*)::int ${processesOn(ofUser)})`,
  processesOfMachine: perMachine(theMachine),
  processesOfFingerprints: perMachine(withFingerprint),
  ...releaseSelects,
} satisfies Record<string, SQL>;
type Select = keyof typeof selects;

interface MachineJson {
  id: string;
  owner: { id: string; email: string } | null;
  createdAt: string;
  lastHeartbeatAt: string | null;
  maxProcesses: number | null;
}
const machineOf = ({ createdAt, lastHeartbeatAt, ...machine }: MachineJson) => ({
  ...machine,
  createdAt: new Date(createdAt),
  lastHeartbeatAt: lastHeartbeatAt === null ? null : new Date(lastHeartbeatAt),
});

/** How a selected value becomes a fact. */
const readers: Record<Select, (value: never) => Facts> = {
  user: (user: Facts['user']) => ({ user }),
  entitlements: (entitlements: string[]) => ({ entitlements }),
  machine: (machine: MachineJson | null) => ({ machine: machine && machineOf(machine) }),
  fingerprints: (found: MachineJson[]) => ({ fingerprints: found.map(machineOf) }),
  components: (components: number) => ({ components }),
  leased: ({ machines, cores, memory, disk }: Record<'machines' | 'cores' | 'memory' | 'disk', number | bigint>) => ({
    leased: { machines: Number(machines), cores: Number(cores), memory: BigInt(memory), disk: BigInt(disk) },
  }),
  processesOfLicense: (processes: number) => ({ processes }),
  processesOfUser: (processes: number) => ({ processes }),
  processesOfMachine: (counts: Record<string, number>) => ({ machineProcesses: new Map(Object.entries(counts)) }),
  processesOfFingerprints: (counts: Record<string, number>) => ({ machineProcesses: new Map(Object.entries(counts)) }),
  ...releaseReaders,
};

/** The sub-selects that give the needed facts. */
function selectsFor(needs: readonly Need[], { policy }: LicenseRecord, scope: Scope): Select[] {
  const fingerprinted = scope.fingerprint !== undefined || scope.fingerprints !== undefined;
  const kinds: Partial<Record<Need, Select>> = {
    processes: policy.processLeasingStrategy === 'PER_USER' ? 'processesOfUser' : 'processesOfLicense',
    machineProcesses: fingerprinted ? 'processesOfFingerprints' : 'processesOfMachine',
  };
  return needs.map((need) => kinds[need] ?? (need as Select)).sort();
}

function valuesFor(license: LicenseRecord, scope: Scope, now: Date): GivenValues {
  const { user } = scope;
  return {
    account: license.accountId,
    license: license.id,
    policy: license.policyId,
    owner: namesOwner(license, scope) ? license.ownerId : null,
    user: typeof user === 'string' ? (parseUuid(user) ?? null) : null,
    email: user?.toLowerCase() ?? null,
    machine: scope.machine === undefined ? null : (parseUuid(scope.machine) ?? null),
    fingerprints: [...new Set(scope.fingerprint === undefined ? scope.fingerprints : [scope.fingerprint])],
    components: [...new Set(scope.components)],
    codes: [...new Set(scope.entitlements)],
    ...releaseValues(license, scope, now),
  };
}

type FactStatement = Gatherer<GivenValues, Facts[]>;

export class ValidationLoader {
  readonly #db: Db;
  readonly #lookup = new PreparedLookup({ records: licenseRecords, access: licenseAccess });
  readonly #byKey: (values: GivenValues) => Promise<LicenseRecord | undefined>;
  readonly #byId: (values: GivenValues) => Promise<LicenseRecord | undefined>;
  readonly #facts = new Map<string, FactStatement>();

  constructor(db: Db) {
    const within = eq(licenses.accountId, account);
    this.#db = db;
    this.#byKey = licenseRecords.prepare(
      db,
      'license_to_validate_by_key',
      and(within, equalsHashed(licenses.key, given('key', 'text')), eq(policies.encrypted, sql`false`)),
    );
    this.#byId = licenseRecords.prepare(db, 'license_to_validate_by_id', and(within, eq(licenses.id, given('id'))));
  }

  /** The license of a path, by id or key, in the bearer's visible set. @throws {ApiError} 404 */
  named(context: Context, identifier: string): Promise<LicenseRecord> {
    return this.#lookup.find(context, identifier);
  }

  /** The license with a key, among those of the request's environment (spec/validation.md 3.3). @param legacy whether the key is a plain legacy one */
  async withKey(context: Context, key: string, legacy: boolean): Promise<LicenseRecord | null> {
    const found = legacy ? await this.#withLegacyKey(context, key) : await this.#byKey({ account: context.accountId, key });
    return found && isInEnvironment(found.environmentId, context.environment) ? found : null;
  }

  async #withLegacyKey(context: Context, key: string): Promise<LicenseRecord | undefined> {
    const id = legacyKeyLicenseId(key);
    const found = id === undefined ? undefined : await this.#byId({ account: context.accountId, id });
    return found && (await isLegacyKey(key, found.key)) ? found : undefined;
  }

  /** The facts that were asked for, all in one statement; none is run when nothing is needed. */
  async facts(license: LicenseRecord, scope: Scope, needs: readonly Need[], now: Date): Promise<Facts> {
    const wanted = selectsFor(needs, license, scope);
    if (wanted.length === 0) return {};
    const [found] = await this.#statement(wanted).ask(valuesFor(license, scope, now));
    return found!;
  }

  #statement(wanted: readonly Select[]): FactStatement {
    const key = wanted.join('_');
    const known = this.#facts.get(key);
    if (known) return known;
    // one level down, so that the builder leaves the names of columns qualified
    const fields = Object.fromEntries(wanted.map((name) => [name, sql`${selects[name]}`.as(name)]));
    const query = this.#db.select(fields).from(sql`(select 1) as one`).toSQL();
    const statement = gatheredSelect<Facts>(this.#db, `validation_${key}`, query, (cells) =>
      Object.assign({}, ...wanted.map((name, index) => readers[name](cells[index] as never))),
    );
    this.#facts.set(key, statement);
    return statement;
  }
}

export const validationLoader = oncePerDb((db) => new ValidationLoader(db));
