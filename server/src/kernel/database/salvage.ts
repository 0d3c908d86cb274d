import { conflict, connectionLost, lockNotAvailable } from './errors.ts';

const passes = (error: unknown): boolean => connectionLost(error) || conflict(error) || lockNotAvailable(error);

/**
 * Writes a batch; when that fails for something about an item, item by item, so that only the bad ones are lost.
 * Rejects for reasons that pass by themselves: then none is written, and the batch is to be tried again.
 */
export async function salvaging<T>(items: readonly T[], write: (items: readonly T[]) => Promise<void>, lose: (item: T, error: unknown) => void): Promise<void> {
  try {
    await write(items);
  } catch (error) {
    if (passes(error)) throw error;
    if (items.length === 1) return lose(items[0]!, error);
    for (const item of items) await salvaging([item], write, lose);
  }
}
