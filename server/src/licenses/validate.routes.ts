/** The three validation endpoints (spec/validation.md 3 to 5). */
import { allows, authorize } from '../kernel/access/access.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { badParameter } from '../kernel/http/errors.ts';
import type { Answer } from '../kernel/http/route.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { rememberValidation } from './last-validated.ts';
import { licenseAccess as access } from './license.access.ts';
import { licenseDocument as document } from './license.document.ts';
import { type LicenseRecord, licenseRecords as records } from './license.records.ts';
import type { Scope } from './validate.facts.ts';
import { validationLoader } from './validate.load.ts';
import { validateBody, validateKeyBody } from './validate.schema.ts';
import { needs, quickValidation, type Validation, validate } from './validate.ts';

interface Asked {
  scope?: Scope | typeof quickValidation;
  nonce?: number;
  explain?: boolean;
}

/** @throws {ApiError} 404 */
async function named(context: Context): Promise<LicenseRecord> {
  const license = await validationLoader(context.db).named(context, context.params.id!);
  context.requestResource = { type: records.type, id: license.id };
  return license;
}

/** To those who may not read the license, explanations do not exist. @throws {ApiError} 400 */
async function checkExplain(context: Context, license: LicenseRecord, { explain }: Asked): Promise<void> {
  if (explain === undefined || (await allows(context, access.may.show, { record: license }))) return;
  throw badParameter('unpermitted parameter', { pointer: '/meta/explain' });
}

async function judge(context: Context, license: LicenseRecord | null, { scope, explain = false }: Asked): Promise<Validation> {
  const given = scope === quickValidation || scope === undefined ? {} : scope;
  const { now } = context;
  const facts = license ? await validationLoader(context.db).facts(license, given, needs(license, scope, now), now) : {};
  return validate(license, scope, facts, now, { explain });
}

function metaOf({ now }: Context, { valid, detail, code, checks }: Validation, { nonce, scope, explain }: Asked): Record<string, unknown> {
  return {
    ts: now.toISOString(),
    valid,
    detail,
    code,
    ...(nonce !== undefined && { nonce }),
    ...(scope !== undefined && scope !== quickValidation && { scope }),
    ...(explain && { checks }),
  };
}

/** The license as it will be once the validation is written down; its `updated` does not show that yet. */
const validated = ({ now }: Context, license: LicenseRecord, { found }: Validation): LicenseRecord => ({
  ...license,
  lastValidatedAt: now,
  ...(found && { lastValidatedVersion: found.version }),
});

function remember(context: Context, license: LicenseRecord, { found }: Validation): void {
  context.writeLater(rememberValidation, { accountId: license.accountId, licenseId: license.id, at: context.now, found });
}

const answer = ({ now }: Context, license: LicenseRecord | null, meta: Record<string, unknown>): Answer => ({
  status: 200,
  document: { data: license && document.render(license, { now, context: 'response' }), meta },
});

/** Validates, remembers and tells of it, valid or not. */
async function run(context: Context, license: LicenseRecord | null, asked: Asked): Promise<Answer> {
  const verdict = await judge(context, license, asked);
  const meta = metaOf(context, verdict, asked);
  if (!license) return answer(context, null, meta);
  const row = validated(context, license, verdict);
  remember(context, license, verdict);
  const { checks: _, ...told } = meta;
  const event = verdict.valid ? 'license.validation.succeeded' : 'license.validation.failed';
  context.emitLater(event, { document, access, row }, { meta: told, log: { code: verdict.code } });
  return answer(context, row, meta);
}

const isFromDashboard = ({ headers: { origin }, services: { config } }: Context): boolean =>
  origin === config.names.dashboard || origin === config.portalOrigin;

/** Validates without scopes and events; the dashboard looking at a license does not count as a use of it. */
async function quick(context: Context): Promise<Answer> {
  const license = await named(context);
  await authorize(context, access.may.validate, { record: license });
  const verdict = await judge(context, license, { scope: quickValidation });
  if (!isFromDashboard(context)) remember(context, license, verdict);
  return answer(context, validated(context, license, verdict), metaOf(context, verdict, {}));
}

async function byId(context: Context): Promise<Answer> {
  const license = await named(context);
  await authorize(context, access.may.validate, { record: license });
  const { meta = {} } = checkParams(validateBody, context.body, context.sender);
  await checkExplain(context, license, meta);
  return run(context, license, meta);
}

async function byKey(context: Context): Promise<Answer> {
  const { key, encrypted, legacyEncrypted, ...asked } = checkParams(validateKeyBody, context.body, context.sender).meta!;
  const license = await validationLoader(context.db).withKey(context, key, encrypted === true || legacyEncrypted === true);
  if (license) {
    context.requestResource = { type: records.type, id: license.id };
    if (context.bearer) await authorize(context, access.may.validate, { record: license });
    await checkExplain(context, license, asked);
  }
  return run(context, license, asked);
}

export default resource({ records, document, access }, (on) => {
  const answers = records.type;
  on.route('actions.quick-validate', 'GET', '/:id/actions/validate', {
    summary: 'Validate a license without scopes, events and side effects but the time',
    answers,
    run: quick,
  });
  on.route('actions.validate', 'POST', '/:id/actions/validate', { summary: 'Validate a license', answers, body: validateBody, run: byId });
  on.route('actions.validate-key', 'POST', '/actions/validate-key', {
    summary: 'Validate a license by its key',
    auth: 'optional',
    answers,
    body: validateKeyBody,
    run: byKey,
  });
});
