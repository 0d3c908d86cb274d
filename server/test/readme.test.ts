/** What the README's first page tells a new user to paste works as it stands. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { newWorld } from './kit.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The page's shell blocks, but for the start of the server and the token that it prints. */
function blocks(): string[] {
  const page = readFileSync(join(root, 'README.md'), 'utf8');
  const first = page.slice(page.indexOf('## The first ten minutes'), page.indexOf('## Running it'));
  return [...first.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!).filter((block) => !/^npm start|^TOKEN=/.test(block));
}

test('from a product to an offline license file', { timeout: 30_000 }, async () => {
  const world = await newWorld();
  const admin = await world.create('user', { role: 'admin' });
  const { secret } = await world.create('token', { bearer_type: 'user', bearer_id: admin.id });
  const script = ['set -eu', `TOKEN='${secret}'`, ...blocks()]
    .join('\necho; echo ----\n')
    .replaceAll('localhost:3000', world.server.url.replace('http://', ''))
    .replaceAll('docs/examples/', `${root}docs/examples/`);
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder });
  const [, , , validated, activated, exceeded, offline] = stdout.split('\n----\n');
  expect(validated).toContain('"code":"NO_MACHINES"');
  expect(activated).toContain('"fingerprint":"laptop-of-ada"');
  expect(activated).toContain('"code":"VALID"');
  expect(exceeded).toContain('"fingerprint":"desktop-of-ada"');
  expect(exceeded).toContain('"code":"MACHINE_LIMIT_EXCEEDED"');
  expect(offline).toMatch(/^\s*valid until \d{4}-\d\d-\d\dT/);
});
