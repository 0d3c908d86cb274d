import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { lockFile } from './file-lock.ts';

const read = (path: string): Promise<Buffer | undefined> => readFile(path).catch(() => undefined);

async function store(path: string, build: () => Promise<Buffer | Blob>): Promise<Buffer> {
  const built = await build();
  const bytes = built instanceof Blob ? Buffer.from(await built.arrayBuffer()) : built;
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, bytes);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return bytes;
}

/** The template data directory of a key (a hash of what it is made from) from the cache; of the workers that miss it at once one builds it, the others wait. */
export async function cachedTemplate(cacheDir: string, key: string, build: () => Promise<Buffer | Blob>): Promise<Buffer> {
  await mkdir(cacheDir, { recursive: true });
  const path = join(cacheDir, `${key}.tar`);
  for (;;) {
    const cached = await read(path);
    if (cached) return cached;
    const release = lockFile(`${path}.lock`);
    if (!release) {
      await wait(25);
      continue;
    }
    try {
      return (await read(path)) ?? (await store(path, build));
    } finally {
      release();
    }
  }
}
