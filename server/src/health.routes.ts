/** Health and ping (spec/http.md 16), and the sink of browsers' policy reports. */
import { apiError } from './kernel/http/errors.ts';
import type { Route } from './kernel/http/route.ts';

const open = { base: 'host', media: 'any', auth: 'none', gated: false, logged: false } as const;
const longestReport = 10 * 1024;

export const healthRoutes: Route[] = [
  { ...open, base: 'ping', name: 'ping', methods: ['GET'], path: '/ping', status: 200, summary: 'Ping', run: async () => ({ status: 200 }) },
  {
    ...open,
    name: 'health',
    methods: ['GET'],
    path: '/v1/health',
    status: 204,
    summary: 'Whether the server and its database work',
    run: async ({ services }) => {
      // Whatever the database says instead of an answer: it is gone.
      await services.database.rows('select 1').catch(() => Promise.reject(apiError('UNAVAILABLE')));
      return { status: services.config.healthStatus };
    },
  },
  {
    ...open,
    name: 'health.webhooks',
    methods: ['GET'],
    path: '/v1/health/webhooks',
    status: 204,
    summary: 'Whether jobs are worked on, webhooks among them',
    run: async ({ services, now }) => {
      const { healthStatus, maxJobLatencyMs } = services.config;
      const { alive, oldest } = await services.jobHealth().catch(() => ({ alive: false, oldest: undefined }));
      return { status: alive && now.getTime() - (oldest ?? now).getTime() < maxJobLatencyMs ? healthStatus : 500 };
    },
  },
  {
    ...open,
    name: 'csp-reports',
    methods: ['POST'],
    path: '/-/csp-reports',
    maxBodyBytes: longestReport,
    status: 202,
    summary: 'Take a policy report',
    run: async ({ services, bytes }) => {
      services.logger.info({ report: bytes?.toString() }, 'a browser reports a breach of the content security policy');
      return { status: 202 };
    },
  },
];
