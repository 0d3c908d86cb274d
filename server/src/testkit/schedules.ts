/** Schedules under the names that the specification has for them (spec/events.md 12.1). */
const schedules: Record<string, readonly string[]> = {
  'license expirations': ['licenses.expirations'],
  'license check-ins': ['licenses.check-ins'],
  'cull dead machines': ['machines.sweep'],
  'cull dead processes': ['processes.sweep'],
  'prune tokens': ['tokens.prune'],
  'prune webhook events': ['webhook-events.prune'],
  'prune download links': ['artifact-links.prune-downloads'],
  'prune upgrade links': ['artifact-links.prune-upgrades'],
  'log retention': ['event-logs.retention', 'request-logs.retention'],
};

/** Words, whatever stands between them: `cull_dead_machines` is `cull dead machines`. */
const words = (name: string): string => name.toLowerCase().replace(/[^a-z]+/g, ' ');
const known = new Map(Object.entries(schedules).map(([name, own]) => [words(name), own]));

/** The schedules that a test means: one by its own name, or those of a line of the specification. */
export const schedulesCalled = (name: string): readonly string[] => known.get(words(name)) ?? [name];
