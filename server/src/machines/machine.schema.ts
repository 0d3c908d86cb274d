import type { Role } from '../kernel/access/roles.ts';
import {
  array,
  body,
  environmentRelationship,
  integer,
  linkageOrNone,
  metadata,
  object,
  type Sender,
  string,
  toOne,
  toOneOrNone,
  typeNames,
  uuidParam,
} from '../kernel/http/params.ts';

/** Only such roles may send a parameter. */
export const roles =
  (...names: Role[]) =>
  ({ role }: Sender): boolean =>
    (names as string[]).includes(role);

const seller = roles('admin', 'developer', 'sales-agent', 'product', 'environment');
export const sellerOrSupport = roles('admin', 'developer', 'sales-agent', 'support-agent', 'product', 'environment');

const text = string.nullable().allowBlank();
const figure = integer.nullable();
const texts = { name: text, ip: text, hostname: text, platform: text };

const component = object({
  type: string.oneOf(typeNames('components')).required(),
  attributes: object({ fingerprint: string.required(), name: string.required(), metadata }).required(),
});

/** spec/machines.md 2.1 */
export const createMachine = body('machines', {
  id: uuidParam,
  attributes: { fingerprint: string.required(), ...texts, cores: figure, memory: figure, disk: figure, metadata },
  relationships: {
    license: toOne('licenses').required(),
    owner: toOneOrNone('users'),
    group: toOneOrNone('groups').only(sellerOrSupport),
    components: object({ data: array(component).allowBlank().required() }),
    environment: environmentRelationship,
  },
  relationshipsRequired: true,
});

/** spec/machines.md 4 */
export const updateMachine = body('machines', {
  id: 'ignored',
  attributes: { ...texts, cores: figure.only(seller), memory: figure.only(seller), disk: figure.only(seller), metadata: metadata.only(seller) },
});

export const machineGroup = linkageOrNone('groups');
export const machineOwner = linkageOrNone('users');
