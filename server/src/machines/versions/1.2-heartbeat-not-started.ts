import { versionChange } from '../../kernel/versions/change.ts';

export default versionChange({
  name: '1.2-heartbeat-not-started',
  until: '1.2',
  row: 10,
  says: 'New machines have not started their heartbeat.',
  on: ['machines.create'],
  single: true,
  resources: {
    machines({ attributes }) {
      if (attributes.heartbeatStatus !== 'ALIVE') return;
      attributes.heartbeatStatus = 'NOT_STARTED';
      attributes.lastHeartbeat = null;
    },
  },
  example: [
    { type: 'machines', id: 'M', attributes: { heartbeatStatus: 'ALIVE', lastHeartbeat: '2024-01-01T00:00:00.000Z' } },
    { type: 'machines', id: 'M', attributes: { heartbeatStatus: 'NOT_STARTED', lastHeartbeat: null } },
  ],
});
