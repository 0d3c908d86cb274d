import { effectiveLimits } from './license.status.ts';
import type { Facts, Found, Need, Scope, ValidationCode, ValidationLicense } from './validate.facts.ts';
import { type Context, type Figures, steps } from './validate.steps.ts';

/** The outcome that goes to the wire. */
export interface Verdict {
  valid: boolean;
  detail: string;
  code: ValidationCode;
}

/** A rule as it was applied. `failed` is the one that gave the code; the license may still be valid then (allowed overage, kept access). */
export interface Check {
  rule: string;
  check: string;
  outcome: 'passed' | 'failed' | 'skipped' | 'not reached';
  figures: Figures;
}

/** The outcome, what the scopes found, and how it came about if that was asked for. */
export interface Validation extends Verdict {
  found?: Found;
  checks?: Check[];
}

/** The scope of quick validation: none, and none is required. */
export const quickValidation = 'off';

type GivenScope = Scope | typeof quickValidation | undefined;

function contextOf(license: ValidationLicense, scope: GivenScope, facts: Facts, now: Date): Context {
  const quick = scope === quickValidation;
  const { policy } = license;
  return { license, policy, limits: effectiveLimits(license, policy), scope: quick ? {} : (scope ?? {}), quick, facts, now };
}

/**
 * The facts to load before `validate`, without duplicates: those of all rules that the license and its scope can still reach. A license whose
 * state already decides needs none.
 */
export function needs(license: ValidationLicense, scope: GivenScope, now: Date): Need[] {
  const c = contextOf(license, scope, {}, now);
  const wanted = new Set<Need>();
  for (const { when, look } of steps) {
    if (!when(c)) continue;
    const facts = look.needs?.(c) ?? [];
    for (const fact of facts) wanted.add(fact);
    if (facts.length === 0 && look(c).ends) break;
  }
  return [...wanted];
}

/**
 * Validates a license (spec/validation.md 4); null is an unknown one. `facts` must hold what `needs` named, else it throws a TypeError.
 * With `explain` the result lists every rule in order, with the figures that decided it.
 */
export function validate(license: ValidationLicense | null, scope: GivenScope, facts: Facts, now: Date, { explain = false } = {}): Validation {
  const checks: Check[] = [{ rule: '1', check: 'exists', outcome: license ? 'passed' : 'failed', figures: {} }];
  const c = license && contextOf(license, scope, facts, now);
  let verdict: Verdict | undefined = c ? undefined : { valid: false, detail: 'does not exist', code: 'NOT_FOUND' };
  let found: Found | undefined;
  for (const { rule, check, when, look, code, detail } of steps) {
    if (verdict && !explain) break;
    const sight = c && !verdict && when(c) ? look(c) : undefined;
    const outcome = sight ? (sight.ends && code !== 'VALID' ? 'failed' : 'passed') : verdict ? 'not reached' : 'skipped';
    if (sight?.ends) verdict = { valid: sight.valid ?? false, detail: typeof sight.ends === 'string' ? sight.ends : detail, code };
    if (sight?.found) found = { ...found, ...sight.found };
    if (explain) checks.push({ rule, check, outcome, figures: sight?.figures ?? {} });
  }
  return { ...verdict!, ...(found && { found }), ...(explain && { checks }) };
}
