/** Every event there is (spec/events.md 2): what webhook endpoints may subscribe to. Each line is a resource and what happens to it. */
const crud = ['created', 'updated', 'deleted'] as const;
const attachable = ['attached', 'detached'] as const;
const below = (name: string, verbs: readonly string[]): string[] => verbs.map((verb) => `${name}.${verb}`);

const resources: Record<string, readonly string[]> = {
  account: ['updated', ...below('subscription', ['paused', 'resumed', 'canceled', 'renewed']), 'plan.updated', 'billing.updated', ...below('settings', crud)],
  artifact: [...crud, ...below('upload', ['processing', 'succeeded', 'failed']), 'uploaded', 'downloaded'],
  component: crud,
  entitlement: crud,
  environment: crud,
  group: [...crud, ...below('owners', attachable)],
  key: crud,
  license: [
    ...[...crud, 'revoked', 'renewed', 'suspended', 'reinstated', 'checked-in', 'checked-out'],
    ...['validation.succeeded', 'validation.failed', 'validated'],
    ...['usage.incremented', 'usage.decremented', 'usage.reset'],
    ...['policy.updated', 'group.updated', 'owner.updated', 'user.updated'],
    ...below('users', attachable),
    ...below('entitlements', attachable),
    ...['expiring-soon', 'expired', 'check-in-required-soon', 'check-in-overdue'],
  ],
  machine: [
    ...[...crud, 'checked-out', 'group.updated', 'owner.updated', 'proofs.generated'],
    ...below('heartbeat', ['ping', 'resurrected', 'reset', 'dead', 'pong']),
  ],
  package: crud,
  policy: [...crud, ...below('entitlements', attachable), 'pool.popped'],
  process: [...crud, ...below('heartbeat', ['ping', 'resurrected', 'dead', 'pong'])],
  product: crud,
  release: [...crud, 'published', 'yanked', 'uploaded', 'downloaded', 'upgraded', 'replaced', 'package.updated', ...below('constraints', attachable)],
  'second-factor': ['created', 'enabled', 'disabled', 'deleted'],
  token: ['generated', 'regenerated', 'revoked'],
  user: [...crud, 'banned', 'unbanned', 'group.updated', 'password-reset'],
};

export const eventNames: readonly string[] = Object.entries(resources).flatMap(([resource, verbs]) => below(resource, verbs));

const known = new Set(eventNames);
export const isEventName = (name: string): boolean => known.has(name);
