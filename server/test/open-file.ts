/** Opens files as a customer's program would: with nothing of ours, from the specification of the format alone. For tests. */
import { constants, createDecipheriv, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

export interface Keys {
  ed25519: string;
  rsa2048: string;
  ecdsa: string;
}

/** The texts that an account's `meta.keys` publishes in base64. */
export const keysOf = (meta: Record<keyof Keys, string>): Keys => ({
  ed25519: Buffer.from(meta.ed25519, 'base64').toString(),
  rsa2048: Buffer.from(meta.rsa2048, 'base64').toString(),
  ecdsa: Buffer.from(meta.ecdsa, 'base64').toString(),
});

const ed25519 = (hex: string): KeyObject =>
  createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(hex, 'hex')]), format: 'der', type: 'spki' });

function isSigned(algorithm: string, keys: Keys, data: string, signature: Buffer): boolean {
  const bytes = Buffer.from(data);
  const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
  switch (algorithm) {
    case 'ed25519':
      return verify(null, bytes, ed25519(keys.ed25519), signature);
    case 'rsa-sha256':
      return verify('sha256', bytes, { key: keys.rsa2048, padding: constants.RSA_PKCS1_PADDING }, signature);
    case 'rsa-pss-sha256':
      return verify('sha256', bytes, { key: keys.rsa2048, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
    case 'ecdsa-p256':
      return verify('sha256', bytes, { key: keys.ecdsa, dsaEncoding: 'der' }, signature);
    default:
      return false;
  }
}

function decrypt(enc: string, secret: string): string {
  const [ciphertext, iv, tag] = enc.split('.').map((part) => Buffer.from(part, 'base64'));
  const decipher = createDecipheriv('aes-256-gcm', createHash('sha256').update(secret).digest(), iv!);
  decipher.setAuthTag(tag!);
  return Buffer.concat([decipher.update(ciphertext!), decipher.final()]).toString('utf8');
}

/** The document in a certificate. @throws when it is not one, not genuine, or the secret is another */
// biome-ignore lint/suspicious/noExplicitAny: documents are looked into freely by tests
export function openFile(kind: 'license' | 'machine', text: string, keys: Keys, secret: string): { alg: string; document: any } {
  const name = `${kind.toUpperCase()} FILE`;
  const lines = text.split('\n');
  if (lines.shift() !== `-----BEGIN ${name}-----` || lines.pop() !== '' || lines.pop() !== `-----END ${name}-----`) throw new Error('no frame');
  if (!lines.every((line, index) => (index < lines.length - 1 ? line.length === 60 : line.length > 0 && line.length <= 60))) throw new Error('no lines of 60');
  const envelope = JSON.parse(Buffer.from(lines.join(''), 'base64').toString('utf8'));
  if (Object.keys(envelope).join() !== 'enc,sig,alg') throw new Error('no envelope');
  const { enc, sig, alg } = envelope as { enc: string; sig: string; alg: string };
  const [encoding, signing] = alg.split('+');
  if (!isSigned(signing!, keys, `${kind}/${enc}`, Buffer.from(sig, 'base64'))) throw new Error('not genuine');
  const json = encoding === 'base64' ? Buffer.from(enc, 'base64').toString('utf8') : decrypt(enc, secret);
  return { alg, document: JSON.parse(json) };
}
