import { array, boolean, integer, metaBody, object, string } from '../kernel/http/params.ts';

/** spec/validation.md 3.1; null counts as a value for user and environment only. */
const scope = object({
  product: string,
  policy: string,
  user: string.nullable(),
  machine: string,
  fingerprint: string,
  fingerprints: array(string).allowBlank(),
  components: array(string).allowBlank(),
  entitlements: array(string).allowBlank(),
  checksum: string,
  version: string,
  environment: string.nullable(),
});

const nonce = integer.describe('Echoed in the response.');
const explain = boolean.describe('Adds the list of checks, with what each was decided by, to the response. Needs the permission to read the license.');

export const validateBody = metaBody({ nonce, scope, explain }, false);
export const validateKeyBody = metaBody({
  key: string.required(),
  encrypted: boolean,
  legacyEncrypted: boolean,
  nonce,
  scope,
  explain: explain.only(({ role }) => role !== 'anonymous'),
});
