import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { lockFile } from './file-lock.ts';
import { directoryStartError, StartError } from './start-error.ts';

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const read = (path: string): number => {
  try {
    return Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    return 0;
  }
};

/** The holder writes its pid a moment after it has taken the lock, so one that does not live is looked at again. */
async function holder(path: string): Promise<string> {
  for (let look = 0; look < 25; look++) {
    const pid = read(path);
    if (pid > 0 && lives(pid)) return `process ${pid}`;
    await wait(10);
  }
  return 'another process';
}

/** Node's own recursive mkdir never returns on a file system that takes no directories, and hides what is wrong with a read-only one. */
function create(directory: string): void {
  if (existsSync(directory)) return;
  create(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Throws the system's error when the directory cannot be written to. */
function prepare(directory: string): void {
  create(directory);
  if (!statSync(directory).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
  accessSync(directory, constants.W_OK | constants.X_OK);
}

/** Creates the directory (mode 0700) if need be and locks it against other processes; returns how to unlock. StartError names the directory and who holds it. */
export async function lockDirectory(directory: string): Promise<() => void> {
  const pidFile = join(directory, 'latchkey.pid');
  try {
    prepare(directory);
    const unlock = lockFile(join(directory, 'latchkey.lock'));
    if (unlock) {
      writeFileSync(pidFile, String(process.pid), { mode: 0o600 });
      return () => {
        rmSync(pidFile, { force: true });
        unlock();
      };
    }
  } catch (error) {
    throw directoryStartError(error, directory);
  }
  throw new StartError(`LATCHKEY_DATA_DIR: ${directory} is in use by ${await holder(pidFile)}: stop that one, or name another directory.`);
}
