/** Where artifacts are kept in tests: in memory, behind URLs as S3 makes them, and only as well-behaved as a test wants. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { S3Store } from '../kernel/storage/s3-store.ts';
import { objectPrefix } from '../kernel/storage/signed-url.ts';
import type { Backend, Found, ObjectFacts, OpenObject, OwnStore, Presigned, Storage } from '../kernel/storage/store.ts';

/** `present`: all that is asked for is there; `missing`: nothing is; `timeout`: no answer comes. */
export type Simulated = 'present' | 'missing' | 'timeout';

interface Kept {
  bytes: Buffer;
  modified: Date;
}

const etagOf = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');
const factsOf = (bytes: Buffer): ObjectFacts & { etag: string } => ({ length: bytes.length, type: 'application/octet-stream', etag: etagOf(bytes) });

/** `20260203T100000Z` */
const instantOf = (text: string): Date => new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
/** Parameters in an order of their own: which one they are written in is nobody's business. */
const sorted = (query: URLSearchParams): string => {
  query.sort();
  return query.toString();
};

class MemoryStore implements OwnStore {
  readonly objects = new Map<string, Kept>();
  simulated: Simulated | undefined;
  readonly #bucket: () => S3Store;

  constructor(bucket: () => S3Store) {
    this.#bucket = bucket;
  }

  presign(request: Presigned): Promise<string> {
    return this.#bucket().presign(request);
  }

  async head(key: string): Promise<Found> {
    const kept = this.objects.get(key)?.bytes ?? (this.simulated === 'present' ? Buffer.alloc(0) : undefined);
    if (this.simulated === 'timeout') return { state: 'failing', error: new Error('the storage is simulated to time out') };
    return kept === undefined || this.simulated === 'missing' ? { state: 'missing' } : { state: 'present', ...factsOf(kept) };
  }

  async remove(key: string): Promise<void> {
    if (this.simulated === 'timeout') throw new Error('the storage is simulated to time out');
    this.objects.delete(key);
  }

  /** What was signed for the same is signed alike. */
  async admits({ method, key, query, now }: Parameters<OwnStore['admits']>[0]): Promise<boolean> {
    const given = new URLSearchParams(query);
    const date = instantOf(given.get('X-Amz-Date') ?? '');
    const seconds = Number(given.get('X-Amz-Expires'));
    if (!(now.getTime() <= date.getTime() + seconds * 1000)) return false;
    return sorted(new URL(await this.presign({ method, key, seconds, now: date })).searchParams) === sorted(given);
  }

  async open(key: string): Promise<OpenObject | undefined> {
    const kept = this.objects.get(key);
    if (!kept) return undefined;
    const { bytes, modified } = kept;
    return {
      ...factsOf(bytes),
      modified,
      stream: (range) => Readable.from([range ? bytes.subarray(range.first, range.last + 1) : bytes]),
      close: async () => {},
    };
  }

  async write(key: string, body: AsyncIterable<Buffer>, now: Date): Promise<ObjectFacts> {
    const bytes = Buffer.concat(await Array.fromAsync(body));
    this.objects.set(key, { bytes, modified: now });
    return factsOf(bytes);
  }
}

/** What the kit's storage can do besides. */
export interface TestStorage extends Storage {
  simulate(state: Simulated): void;
  /** Counts as stored from now on. */
  put(key: string, bytes: Buffer, now: Date): void;
  reset(): void;
}

/** @param publicUrl where its URLs lead, before the object's key; undefined: to the test server itself @param serverUrl known once that listens */
export function testStorage(publicUrl: string | undefined, serverUrl: () => string): TestStorage {
  const credentials = { accessKeyId: 'AKIALATCHKEYTESTKIT', secretAccessKey: 'not a secret' };
  let bucket: S3Store | undefined;
  const origin = () => publicUrl?.replace(/\/$/, '') ?? `${serverUrl()}${objectPrefix.slice(0, -1)}`;
  const store = new MemoryStore(() => {
    bucket ??= new S3Store({ bucket: origin(), region: 'us-east-1', endpoint: null, forcePathStyle: false, credentials, bucketIsOrigin: true });
    return bucket;
  });
  return {
    own: store,
    backendFor: (wish) => (wish as Backend | null) ?? 'S3',
    of: () => store,
    close: () => bucket?.close(),
    simulate: (state) => {
      store.simulated = state;
    },
    put: (key, bytes, now) => void store.objects.set(key, { bytes, modified: now }),
    reset: () => {
      store.simulated = undefined;
      store.objects.clear();
    },
  };
}
