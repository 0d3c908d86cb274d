/** Objects in a bucket of S3, R2 or whatever speaks their protocol. The SDK is large and loaded with the first request. */
import { createRequire } from 'node:module';
import type * as S3 from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type * as Presigner from '@aws-sdk/s3-request-presigner';
import type { BucketSettings, Found, Presigned, Store } from './store.ts';

const require = createRequire(import.meta.url);

const connectionTimeout = 5_000;
const requestTimeout = 15_000;
/** A bucket that is briefly out of reach is asked again; what then fails, fails. */
const maxAttempts = 4;

interface Loaded {
  client: S3Client;
  s3: typeof S3;
  getSignedUrl: typeof Presigner.getSignedUrl;
}

const statusOf = (error: unknown): number | undefined => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

export class S3Store implements Store {
  readonly #settings: BucketSettings;
  #loaded: Loaded | undefined;

  constructor(settings: BucketSettings) {
    this.#settings = settings;
  }

  get #parts(): Loaded {
    if (this.#loaded) return this.#loaded;
    const { region, endpoint, forcePathStyle, credentials, bucketIsOrigin = false } = this.#settings;
    const s3 = require('@aws-sdk/client-s3') as typeof S3;
    const { getSignedUrl } = require('@aws-sdk/s3-request-presigner') as typeof Presigner;
    const client = new s3.S3Client({
      region,
      ...(endpoint !== null && { endpoint }),
      forcePathStyle,
      bucketEndpoint: bucketIsOrigin,
      ...(credentials && { credentials }),
      // clients that put bytes to a URL send no checksums, and not every store knows them
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts,
      requestHandler: { connectionTimeout, requestTimeout },
    });
    this.#loaded = { client, s3, getSignedUrl };
    return this.#loaded;
  }

  presign({ method, key, seconds, now }: Presigned): Promise<string> {
    const { client, s3, getSignedUrl } = this.#parts;
    const object = this.#object(key);
    const command = method === 'GET' ? new s3.GetObjectCommand(object) : new s3.PutObjectCommand(object);
    return getSignedUrl(client, command as S3.GetObjectCommand, { expiresIn: seconds, signingDate: now });
  }

  async head(key: string): Promise<Found> {
    const { client, s3 } = this.#parts;
    try {
      const { ContentLength = 0, ContentType = null, ETag } = await client.send(new s3.HeadObjectCommand(this.#object(key)));
      return { state: 'present', length: ContentLength, type: ContentType, etag: ETag?.replace(/^"|"$/g, '') ?? null };
    } catch (error) {
      return statusOf(error) === 404 ? { state: 'missing' } : { state: 'failing', error };
    }
  }

  async remove(key: string): Promise<void> {
    const { client, s3 } = this.#parts;
    await client.send(new s3.DeleteObjectCommand(this.#object(key)));
  }

  /** Ends idle connections. */
  close(): void {
    this.#loaded?.client.destroy();
  }

  #object(Key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#settings.bucket, Key };
  }
}
