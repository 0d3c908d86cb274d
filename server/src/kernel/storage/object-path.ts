/** Where the directory keeps an object. Pure. */
import { createHash } from 'node:crypto';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const objectKey = new RegExp(`^artifacts/(${uuid})/(${uuid})/(.+)$`, 's');

/**
 * Directories of the account and the release, and a file whose name is made of the key's hash: so it does not matter what the object is called, to this or to any
 * other file system, nor whether it is called as another one's directory. What can be read of the name follows.
 * @returns parts of the path; undefined for a key that no object of ours has
 */
export function objectPath(key: string): [account: string, release: string, file: string] | undefined {
  const [, account, release, filename] = objectKey.exec(key) ?? [];
  if (account === undefined || release === undefined || filename === undefined) return undefined;
  const hash = createHash('sha256').update(filename).digest('hex').slice(0, 32);
  const readable = filename
    .slice(filename.lastIndexOf('/') + 1)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .slice(-100);
  return [account, release, `${hash}-${readable}`];
}
