// Verifies and decrypts a license file offline. Needs nothing but Node.
// node verify-license-file.mjs <license.lic> <account's Ed25519 public key, base64 from meta.keys.ed25519> <license key>
import { createDecipheriv, createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [file, publicKey, licenseKey] = process.argv.slice(2);
const certificate = readFileSync(file, 'utf8').replace(/-----(BEGIN|END) LICENSE FILE-----/g, '');
const { enc, sig, alg } = JSON.parse(Buffer.from(certificate, 'base64'));
if (!alg.endsWith('+ed25519')) throw new Error(`this script knows ed25519 only, not ${alg}`);

// The signature covers the kind of file and the payload. The key is published as base64 of its hex digits.
const raw = Buffer.from(Buffer.from(publicKey, 'base64').toString(), 'hex');
const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });
if (!verify(null, Buffer.from(`license/${enc}`), key, Buffer.from(sig, 'base64'))) throw new Error("the signature is not the vendor's");

function decrypt(payload) {
  const [ciphertext, iv, tag] = payload.split('.').map((part) => Buffer.from(part, 'base64'));
  const cipher = createDecipheriv('aes-256-gcm', createHash('sha256').update(licenseKey).digest(), iv);
  cipher.setAuthTag(tag);
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]);
}

const { data, meta } = JSON.parse(alg.startsWith('aes-256-gcm') ? decrypt(enc) : Buffer.from(enc, 'base64'));
if (meta.expiry && new Date(meta.expiry) < new Date()) throw new Error(`the file expired on ${meta.expiry}`);
if (new Date(meta.issued) > new Date()) throw new Error('the clock of this machine is behind');
console.log(`valid until ${meta.expiry ?? 'ever'}: license ${data.id}, status ${data.attributes.status}`);
