/** Every request in the guides is run as it stands in the page. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { newWorld, type TestServer } from './kit.ts';

const guides = fileURLToPath(new URL('../../docs/guides', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-guides-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = (name: string): string => readFileSync(join(guides, name), 'utf8');
const blocks = (text: string): { kind: string; text: string }[] =>
  [...text.matchAll(/```(sh|text)\n([\s\S]*?)```/g)].map((match) => ({ kind: match[1]!, text: match[2]! }));

/** The page's commands with a mark after each block, and what the answers of the blocks before each mark must contain, in order. */
function plan(name: string): { script: string[]; expected: string[][] } {
  const script: string[] = [];
  const expected: string[][] = [];
  for (const { kind, text } of blocks(page(name))) {
    if (kind === 'text') {
      expected[expected.length - 1] = text.trim().split('\n');
      continue;
    }
    script.push(text, 'echo; echo ----');
    expected.push([]);
  }
  return { script, expected };
}

/** Background work goes on until something is done, as on a server that is no test's. */
async function withWorkers<T>({ jobs }: TestServer, work: Promise<T>): Promise<T> {
  let busy = true;
  const done = work.finally(() => {
    busy = false;
  });
  while (busy) await Promise.race([done, jobs.run().then(() => new Promise(setImmediate))]);
  return done;
}

test.each(readdirSync(guides).filter((name) => name !== 'README.md'))('%s', { timeout: 30_000 }, async (name) => {
  const world = await newWorld({ config: { storage: { directory: join(folder, 'storage') } } });
  const admin = await world.create('user', { role: 'admin' });
  const { secret } = await world.create('token', { bearer_type: 'user', bearer_id: admin.id });
  const { script, expected } = plan(name);
  const prelude = blocks(page('README.md'))[0]!.text;
  const text = ['set -eu', `TOKEN='${secret}'`, prelude, ...script].join('\n').replaceAll('localhost:3000', world.server.url.replace('http://', ''));
  const { stdout } = await withWorkers(world.server, promisify(execFile)('bash', ['-c', text], { cwd: folder }));
  const answers = stdout.split('\n----\n');
  for (const [index, fragments] of expected.entries()) {
    let at = 0;
    for (const fragment of fragments) {
      const found = answers[index]!.indexOf(fragment, at);
      expect(found, `${name}: "${fragment}" in order in ${answers[index]}`).toBeGreaterThanOrEqual(0);
      at = found + fragment.length;
    }
  }
});
