import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the lock of a file (created when absent) for this process, and returns how to release it; undefined while somebody holds it, here or in another process.
 * It is a lock of the kernel, so that it ends with the process, however that ends, and needs no guess whether a process id still lives.
 */
export function lockFile(path: string): (() => void) | undefined {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode === busy) return undefined;
    throw error;
  }
  return () => {
    if (file.isOpen) file.close();
  };
}

const busy = 5;
