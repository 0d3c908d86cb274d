import type { Keyring } from '../crypto/sealing.ts';
import { DirectoryStore } from './directory-store.ts';
import { S3Store } from './s3-store.ts';
import type { Backend, Storage, StorageSettings, Store } from './store.ts';

/** The stores that settings name, and always the directory, where artifacts may be from before there was a bucket. @param origin where clients reach this server */
export function openStorage({ directory, s3, r2 }: StorageSettings, { origin, ring }: { origin: () => string; ring: Keyring }): Storage {
  const own = new DirectoryStore({ directory, origin, ring });
  const buckets = new Map<string, S3Store>();
  if (r2) buckets.set('R2', new S3Store(r2));
  if (s3) buckets.set('S3', new S3Store(s3));
  const [standard] = [...buckets.keys(), 'LOCAL'] as [Backend];
  const stores = new Map<string, Store>([...buckets, ['LOCAL', own]]);
  return {
    own,
    backendFor: (wish) => (wish !== null && stores.has(wish) ? (wish as Backend) : standard),
    of: (backend) => stores.get(backend) ?? stores.get(standard)!,
    close: () => {
      for (const bucket of buckets.values()) bucket.close();
    },
  };
}
