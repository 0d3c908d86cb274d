import type { SigningKeys, VerifyingKeys } from './account-keys.ts';
import { base64urlPadded, decodeExactly } from './encoding.ts';
import { sign, verify } from './signing.ts';

/** A machine's offline proof of a dataset, given as compact JSON text; RSA PKCS#1 v1.5 whatever the license's scheme (spec/validation.md 14). */
export async function machineProof(dataset: string, keys: SigningKeys): Promise<string> {
  const signed = `proof/${base64urlPadded(dataset)}`;
  return `${signed}.${base64urlPadded(await sign('rsa-sha256', signed, keys))}`;
}

/** The dataset's JSON text of a genuine proof, else undefined. */
export function openProof(proof: string, keys: VerifyingKeys): string | undefined {
  const [signed = '', last = '', ...rest] = proof.split('.');
  const dataset = decodeExactly(signed.slice('proof/'.length), base64urlPadded);
  const signature = decodeExactly(last, base64urlPadded);
  if (!signed.startsWith('proof/') || !dataset || !signature || rest.length > 0) return undefined;
  return verify('rsa-sha256', signed, signature, keys) ? dataset.toString('utf8') : undefined;
}
