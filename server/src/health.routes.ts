/** Health and ping (spec/http.md 16), and the sink of browsers' policy reports. */
import type { Route } from './kernel/http/route.ts';

const open = { base: 'host', media: 'any', auth: 'none', gated: false, logged: false } as const;

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
      await services.database.rows('select 1');
      return { status: services.config.healthStatus };
    },
  },
  { ...open, name: 'csp-reports', methods: ['POST'], path: '/-/csp-reports', status: 202, summary: 'Take a policy report', run: async () => ({ status: 202 }) },
];
