/** What Prometheus may know: requests, the process, and what waits. */
import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Config } from './config.ts';
import type { Served } from './kernel/http/serve.ts';
import type { Services } from './kernel/services.ts';
import { listenAt } from './listen.ts';

const labelNames = ['route', 'method', 'status'] as const;
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Counter<(typeof labelNames)[number]>;
  readonly #durations: Histogram<(typeof labelNames)[number]>;

  constructor() {
    const registers = [this.registry];
    this.#requests = new Counter({ name: 'latchkey_requests_total', help: 'Requests that were answered', labelNames, registers });
    this.#durations = new Histogram({ name: 'latchkey_request_duration_seconds', help: 'Time to an answer', labelNames, buckets, registers });
  }

  /** Counts a request. Labels are few: the route's name, never its path. */
  readonly observe = ({ context, kind, incoming, outgoing, milliseconds }: Served): void => {
    const method = methods.has(incoming.method) ? incoming.method : 'other';
    const labels = { route: context?.route.name ?? kind ?? 'refused', method, status: String(outgoing.status) };
    this.#requests.inc(labels);
    this.#durations.observe(labels, milliseconds / 1000);
  };

  /** Adds the process and what waits in the database, which is asked at each scrape; when it does not answer, those values are missing. */
  watch({ database, jobHealth }: Pick<Services, 'database' | 'jobHealth'>): void {
    collectDefaultMetrics({ register: this.registry });
    const gauge = (name: string, help: string, read: () => Promise<number>) =>
      new Gauge({
        name,
        help,
        registers: [this.registry],
        async collect() {
          const value = await read().catch(() => undefined);
          if (value === undefined) this.remove();
          else this.set(value);
        },
      });
    gauge('latchkey_outbox_entries', 'Events that wait to be passed on', async () => {
      const [row] = await database.rows('select count(*)::int as waiting from outbox');
      return row!.waiting as number;
    });
    gauge('latchkey_jobs_due', 'Jobs that are due and wait', async () => (await jobHealth()).due);
  }

  /** Serves `GET /metrics` on a port of its own. @returns what stops it. @throws {StartError} */
  async serve(services: Pick<Services, 'database' | 'jobHealth'>, config: Config): Promise<() => Promise<void>> {
    this.watch(services);
    const server = createServer((request, response) => {
      if (request.url?.split('?')[0] !== '/metrics') return void response.writeHead(404).end();
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'Content-Type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    const listening = () =>
      new Promise<void>((resolve, reject) => void server.once('error', reject).listen(config.metricsPort!, config.metricsBind, () => resolve()));
    await listenAt(listening, { port: ['LATCHKEY_METRICS_PORT', config.metricsPort!], address: ['LATCHKEY_METRICS_BIND', config.metricsBind] });
    return () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
  }
}
