/** What the factories of both logs share. */
import { parseTime } from '../kernel/http/time.ts';
import type { Attributes } from '../testkit/factory.ts';
import { typeCalled } from './reference.ts';

const month = 30 * 86_400_000;

/** When a log of that age goes by default. @param created an ISO text or a Date */
export const inMonth = (created: unknown): Date => new Date((created instanceof Date ? created : parseTime(String(created))!).getTime() + month);

/** Types as logs store them, which are the wire's (`licenses`), of types as tests name them (`license`, `machine_process`). */
export const storedReferences = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, name.endsWith('_type') && typeof value === 'string' ? (typeCalled(value) ?? value) : value]),
  );
