import { createHmac, randomBytes } from 'node:crypto';
import { sameText } from './constant-time.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const period = 30;
/** How long the previous code stays good, in seconds. */
const drift = 10;

/** A new secret: 160 random bits as 32 base32 characters (spec/auth.md 7.1). */
export function newTotpSecret(): string {
  return Array.from(randomBytes(32), (byte) => alphabet[byte & 31]!).join('');
}

function base32Bytes(text: string): Buffer {
  const bits = Array.from(text, (character) => {
    const value = alphabet.indexOf(character);
    if (value < 0) throw new TypeError('not a base32 text');
    return value.toString(2).padStart(5, '0');
  }).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** The six digits of a time step (30 s since the epoch) under a base32 secret (RFC 6238, HMAC-SHA1). Throws when the secret is not base32. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', base32Bytes(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/**
 * The time step that a code proves, to be stored, or undefined when it proves none (spec/auth.md 7.4).
 * Good are the codes of now and of 10 s ago, and each only once: a step up to `lastStep`, the last one verified, is refused.
 */
export function verifyTotp(secret: string, code: string, now: Date, lastStep: number | null): number | undefined {
  const seconds = now.getTime() / 1000;
  const steps = [seconds - drift, seconds].map((second) => Math.floor(second / period));
  return steps.find((step) => (lastStep === null || step > lastStep) && sameText(totpCode(secret, step), code));
}
