/** Objects as files of a directory, by URLs of our own. */
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keyring } from '../crypto/sealing.ts';
import { uuid } from '../id.ts';
import { objectPath } from './object-path.ts';
import { admits, signedPath, urlKeys } from './signed-url.ts';
import type { Found, ObjectFacts, OpenObject, OwnStore, Presigned } from './store.ts';

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
const orMissing = (error: unknown): undefined => {
  if (!isMissing(error)) throw error;
};

/** What is said of every object: what its uploader says of it is not repeated, since it comes from this server's origin. */
const type = 'application/octet-stream';
/** Uploads that were cut short by the end of a process are thrown away after this time. */
const abandonedMs = 86_400_000;

/** Each way to write gives a file another inode, size or time. */
const etagOf = ({ ino, size, mtimeNs }: { ino: bigint; size: bigint; mtimeNs: bigint }): string => [ino, size, mtimeNs].map((n) => n.toString(16)).join('-');

export class DirectoryStore implements OwnStore {
  readonly #directory: string;
  readonly #origin: () => string;
  readonly #keys: readonly Buffer[];
  #swept: Promise<void> | undefined;

  /** @param options `origin` is where clients reach this server, without a slash at the end */
  constructor({ directory, origin, ring }: { directory: string; origin: () => string; ring: Keyring }) {
    this.#directory = directory;
    this.#origin = origin;
    this.#keys = urlKeys(ring);
  }

  async presign(request: Presigned): Promise<string> {
    return `${this.#origin()}${signedPath(request, this.#keys)}`;
  }

  admits(request: Parameters<OwnStore['admits']>[0]): boolean {
    return admits(request, this.#keys);
  }

  async head(key: string): Promise<Found> {
    try {
      const facts = await stat(this.#path(key) ?? this.#nowhere, { bigint: true }).catch(orMissing);
      return facts ? { state: 'present', length: Number(facts.size), type, etag: etagOf(facts) } : { state: 'missing' };
    } catch (error) {
      return { state: 'failing', error };
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key) ?? this.#nowhere, { force: true });
  }

  async open(key: string): Promise<OpenObject | undefined> {
    const file = await open(this.#path(key) ?? this.#nowhere, 'r').catch(orMissing);
    if (!file) return undefined;
    const facts = await file.stat({ bigint: true });
    return {
      length: Number(facts.size),
      type,
      etag: etagOf(facts),
      modified: facts.mtime,
      stream: (range) => file.createReadStream(range && { start: range.first, end: range.last }),
      close: () => file.close(),
    };
  }

  /** To a file of its own first, which takes the object's place when all of it is on the disk. */
  async write(key: string, body: AsyncIterable<Buffer>, now: Date): Promise<ObjectFacts> {
    const target = objectPath(key);
    if (!target) throw new TypeError(`no object is called ${key}`);
    await mkdir(this.#unfinished, { recursive: true, mode: 0o700 });
    this.#swept ??= this.#sweep(now);
    const written = join(this.#unfinished, uuid());
    try {
      const file = await open(written, 'wx', 0o600);
      try {
        await file.writeFile(body);
        await file.sync();
      } finally {
        await file.close();
      }
      const [account, release, name] = target;
      const directory = join(this.#directory, account, release);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await rename(written, join(directory, name));
      await syncDirectory(directory);
    } catch (error) {
      await rm(written, { force: true });
      throw error;
    }
    const facts = await stat(this.#path(key)!, { bigint: true });
    return { length: Number(facts.size), type, etag: etagOf(facts) };
  }

  #path(key: string): string | undefined {
    const parts = objectPath(key);
    return parts && join(this.#directory, ...parts);
  }

  get #unfinished(): string {
    return join(this.#directory, 'unfinished');
  }

  /** No object is here. */
  get #nowhere(): string {
    return join(this.#directory, 'nowhere', 'nothing');
  }

  async #sweep(now: Date): Promise<void> {
    for (const name of await readdir(this.#unfinished)) {
      const path = join(this.#unfinished, name);
      const facts = await stat(path).catch(orMissing);
      if (facts && now.getTime() - facts.mtimeMs > abandonedMs) await rm(path, { force: true });
    }
  }
}

/** So that a name that was given survives a crash of the machine. Not every system lets directories be opened. */
async function syncDirectory(path: string): Promise<void> {
  const directory: FileHandle | undefined = await open(path, 'r').catch(() => undefined);
  await directory?.sync().catch(() => {});
  await directory?.close();
}
