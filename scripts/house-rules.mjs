// What the house demands and no linter knows (ARCHITECTURE.md, Rules of the house). Prints each breach; exits 1 if there is one.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { serverEnvironment, serverFlags } from './server-flags.mjs';
import { root } from './toolchain.mjs';

const source = join(root, 'server', 'src');
const walk = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : path.endsWith('.ts') ? [path] : [];
  });

const isTest = (path) => /\.test\.ts$|\.cases\.ts$|\/test-databases\.ts$/.test(path) || path.includes('/server/test/');
const files = new Map([...walk(source), ...walk(join(root, 'server', 'test')), ...walk(join(root, 'bench'))].map((path) => [path, readFileSync(path, 'utf8')]));
const breaches = [];
const breach = (path, rule, line) => breaches.push(`${relative(root, path)}${line ? `:${line}` : ''}: ${rule}`);
const lineOf = (text, index) => text.slice(0, index).split('\n').length;

const imports = new Map(
  [...files].map(([path, text]) => [
    path,
    [...text.matchAll(/(?:^|\n)(?:import|export)\b[^;'"]*?from\s*['"](\.[^'"]+)['"]/g)]
      .map((match) => resolve(dirname(path), match[1]))
      .filter((target) => files.has(target)),
  ]),
);

// Imports point one way.
for (const [path, targets] of imports) {
  if (isTest(path)) continue;
  const inKernel = path.startsWith(join(source, 'kernel'));
  for (const target of targets) {
    if (inKernel && !target.startsWith(join(source, 'kernel'))) breach(path, `the kernel imports no resource (${relative(source, target)})`);
    if (target.endsWith('.routes.ts') && path !== join(source, 'app.ts')) breach(path, `only app.ts imports routes (${relative(source, target)})`);
  }
}

// No circles, type imports included.
const state = new Map();
const visit = (path, trail) => {
  if (state.get(path) === 'done') return;
  if (state.get(path) === 'open') {
    breach(path, `an import circle: ${[...trail.slice(trail.indexOf(path)), path].map((p) => relative(source, p)).join(' -> ')}`);
    return;
  }
  state.set(path, 'open');
  for (const target of imports.get(path)) visit(target, [...trail, path]);
  state.set(path, 'done');
};
for (const path of files.keys()) visit(path, []);

const patterns = [
  [/\bDate\.now\(\)|\bnew Date\(\)/g, "time is an argument: only kernel/clock.ts reads the machine's", (path) => path.endsWith('kernel/clock.ts')],
  [/\bsetTimeout\(\s*(?:resolve|r)\b|\bsleep\(/g, 'tests do not sleep', (path) => !isTest(path)],
  [/\bvi\.mock\(/g, 'our own modules are not mocked', () => false],
  [/\b(?:TODO|FIXME|XXX|HACK)\b/g, 'no notes to self', () => false],
  [/\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|todo)\b/g, 'no test is left out', (path) => !isTest(path)],
  [/from 'drizzle-orm\b/g, 'the query builder comes through kernel/database/drizzle.ts', (path) => isTest(path) || path.endsWith('kernel/database/drizzle.ts')],
  [/@ts-(?:ignore|nocheck|expect-error)/g, 'the type system stays on', () => false],
];
for (const [path, text] of files) {
  const lines = text.split('\n').length - 1;
  if (lines > 400 && !isTest(path)) breach(path, `${lines} lines (at most 400)`);
  for (const [pattern, rule, exempt] of patterns) {
    if (exempt(path)) continue;
    for (const match of text.matchAll(pattern)) breach(path, rule, lineOf(text, match.index));
  }
}

// The image starts the server as `npm start` does.
const image = readFileSync(join(root, 'Dockerfile'), 'utf8');
const command = JSON.stringify(['node', ...serverFlags, 'server/src/main.ts']).replaceAll('","', '", "');
const settings = Object.entries(serverEnvironment).map(([name, value]) => `${name}=${value}`);
if (![command, ...settings].every((text) => image.includes(text)))
  breach(join(root, 'Dockerfile'), 'starts the server with the flags and environment of scripts/server-flags.mjs');

for (const line of breaches) console.error(line);
if (breaches.length > 0) {
  console.error(`${breaches.length} breaches of the house rules`);
  process.exit(1);
}
