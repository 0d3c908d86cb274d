/** Server processes and a PostgreSQL of the benchmark's own, and what they use. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serverFlags, startEnvironment } from '../scripts/server-flags.mjs';

const main = fileURLToPath(new URL('../server/src/main.ts', import.meta.url));
const secretKey = '5e'.repeat(32);

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Seconds of processor time that a process has used so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const residentMegabytes = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  #peak = 0;
  readonly #sampler: NodeJS.Timeout;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
    this.#sampler = setInterval(() => {
      if (child.exitCode === null && child.pid) this.#peak = Math.max(this.#peak, residentMegabytes(child.pid));
    }, 250);
  }

  /** Starts a server on the database that the variables name, and waits until it answers. */
  static async start(env: Record<string, string>): Promise<ServerProcess> {
    const port = await freePort();
    const all = {
      ...process.env,
      ...startEnvironment,
      LATCHKEY_SECRET_KEY: secretKey,
      LOG_LEVEL: 'error',
      LATCHKEY_RATE_LIMITS: 'false',
      NODE_ENV: 'production',
      PORT: String(port),
      ...env,
    };
    const child = spawn(process.execPath, [...serverFlags, main], { env: all, stdio: ['ignore', 'ignore', 'inherit'] });
    const server = new ServerProcess(port, child);
    for (let tries = 0; tries < 300; tries++) {
      if (child.exitCode !== null) throw new Error('the server did not start');
      if (
        await fetch(`http://127.0.0.1:${port}/v1/health`).then(
          (r) => r.ok,
          () => false,
        )
      )
        return server;
      await wait(100);
    }
    throw new Error('the server did not answer');
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.#child.pid!);
  }

  /** Most memory that it has had resident since the last call. */
  takePeakMegabytes(): number {
    const peak = Math.max(this.#peak, residentMegabytes(this.#child.pid!));
    this.#peak = 0;
    return peak;
  }

  async stop(): Promise<void> {
    clearInterval(this.#sampler);
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await gone;
  }
}

const binaries = (): string => {
  const root = '/usr/lib/postgresql';
  const newest = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a))[0] : undefined;
  return newest ? join(root, newest, 'bin') : '';
};

export interface Postgres {
  url: string;
  stop(): void;
}

/** A scratch PostgreSQL with the settings that it ships with, but for the size of its cache. */
export async function startPostgres(): Promise<Postgres> {
  const folder = join(tmpdir(), `latchkey-bench-${process.pid}`);
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  const run = (command: string, args: string[]) =>
    isRoot
      ? execFileSync('su', ['postgres', '-c', [join(binaries(), command), ...args.map((arg) => `'${arg}'`)].join(' ')])
      : execFileSync(join(binaries(), command), args);
  mkdirSync(folder, { mode: 0o777 });
  if (isRoot) execFileSync('chown', ['postgres', folder]);
  const data = join(folder, 'data');
  run('initdb', ['-D', data, '-A', 'trust', '-U', 'postgres']);
  run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', `-p ${port} -k ${folder} -c shared_buffers=512MB`, 'start']);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop() {
      run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const serverVariables = { secretKey };
