/** Words. An object: bytes under a key. A store: keeps objects, and makes URLs by which whoever holds one may fetch or put an object, and nothing else. */
import type { Readable } from 'node:stream';

/** Which kind of store an artifact is in (spec/distribution.md 8.2); `LOCAL` is the directory of an installation without buckets. */
export type Backend = 'S3' | 'R2' | 'LOCAL';

/** What a store says of an object. `failing`: it refused, or did not answer in time. */
export type Found = ({ state: 'present' } & ObjectFacts) | { state: 'missing' } | { state: 'failing'; error: unknown };

export interface ObjectFacts {
  /** Bytes. */
  length: number;
  type: string | null;
  /** Without quotes. */
  etag: string | null;
}

/** What a URL allows: one method on one object, until so many seconds after an instant. */
export interface Presigned {
  method: 'GET' | 'PUT';
  key: string;
  seconds: number;
  now: Date;
}

export interface Store {
  /** A URL whose path ends in the object's key. */
  presign(request: Presigned): Promise<string>;
  head(key: string): Promise<Found>;
  /** What is not there counts as removed. Rejects when the store does not do it. */
  remove(key: string): Promise<void>;
}

/** An object that is open for reading; `close` it unless it is streamed. */
export interface OpenObject extends ObjectFacts {
  etag: string;
  modified: Date;
  /** @param range of bytes, both included; all when left out */
  stream(range?: { first: number; last: number }): Readable;
  close(): Promise<void>;
}

/** A store whose URLs lead to this server. */
export interface OwnStore extends Store {
  /** Whether the query of a URL lets its holder do this. */
  admits(request: { method: 'GET' | 'PUT'; key: string; query: string; now: Date }): boolean | Promise<boolean>;
  open(key: string): Promise<OpenObject | undefined>;
  /** Nothing is seen of the object before all of it is kept. Rejects with what the body or the disk says. */
  write(key: string, body: AsyncIterable<Buffer>, now: Date): Promise<ObjectFacts>;
}

/** The stores of an installation. */
export interface Storage {
  /** Where new objects go. @param wish what an account prefers, where there is such a store */
  backendFor(wish: string | null): Backend;
  /** The store of an object's kind; that of new objects where there is none of it any more. */
  of(backend: string): Store;
  /** The one that this server hands out itself. */
  own: OwnStore | undefined;
  close(): void;
}

/** A bucket. Without credentials those of the machine are used, as the AWS SDK finds them. */
export interface BucketSettings {
  bucket: string;
  region: string;
  endpoint: string | null;
  forcePathStyle: boolean;
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
  /** `bucket` is the origin that its objects are at. */
  bucketIsOrigin?: boolean;
}

export interface StorageSettings {
  directory: string;
  s3: BucketSettings | null;
  r2: BucketSettings | null;
}

/** The largest object, in bytes (spec/distribution.md 7.1). */
export const largestObject = 5 * 1024 ** 3;
