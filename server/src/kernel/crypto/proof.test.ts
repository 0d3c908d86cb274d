import { expect, test } from 'vitest';
import stored from '../../../test/vectors/keys.json' with { type: 'json' };
import vectors from '../../../test/vectors/machine-proofs.json' with { type: 'json' };
import { loadKeys } from './account-keys.ts';
import { machineProof, openProof } from './proof.ts';

const keys = loadKeys(stored.stored);

test.each(vectors.proofs)('known answer: $comment', async ({ dataset, signingData, proof }) => {
  expect(await machineProof(dataset, keys)).toBe(proof);
  expect(proof.startsWith(`${signingData}.`)).toBe(true);
  expect(openProof(proof, keys)).toBe(dataset);
});

test('an altered proof does not open', async () => {
  const proof = await machineProof('{"machine_id":"1"}', keys);
  const other = await machineProof('{"machine_id":"2"}', keys);
  expect(openProof(`${other.split('.')[0]}.${proof.split('.')[1]}`, keys)).toBeUndefined();
  for (const text of ['', 'proof/', 'proof/a.b', proof.replace('proof/', 'key/'), `${proof}.x`, `${proof}x`])
    expect(openProof(text, keys), text).toBeUndefined();
});
