import { versionChange } from '../../kernel/versions/change.ts';

export default versionChange({
  name: '1.5-machines-user-was-license-owner',
  until: '1.5',
  row: 5,
  says: 'Machines have no relationship `owner`, and the owner of their license as `user`.',
  on: [
    'machines.{list,show,create,update}',
    'machines.actions.{ping,ping-heartbeat,generate-offline-proof}',
    'machines.group.update',
    '{licenses,products,users,groups}.machines.{list,show}',
    '{components,processes}.machine.show',
  ],
  resources: {
    machines(machine, { included }) {
      const { relationships, older } = machine;
      if (!relationships || !older) return;
      const id = older.licenseOwnerId as string | null;
      relationships.user = { links: { related: `${machine.links?.self}/user` }, data: id === null ? null : { type: 'users', id } };
      // Files keep it (spec/http.md 13.4, row 5).
      if (!included?.includes(machine)) delete relationships.owner;
    },
  },
  example: [
    {
      ...{ type: 'machines', id: 'M', attributes: {}, links: { self: '/v1/accounts/A/machines/M' }, older: { licenseOwnerId: 'U' } },
      relationships: { owner: { links: { related: '/v1/accounts/A/machines/M/owner' }, data: null } },
    },
    {
      ...{ type: 'machines', id: 'M', attributes: {}, links: { self: '/v1/accounts/A/machines/M' } },
      relationships: { user: { links: { related: '/v1/accounts/A/machines/M/user' }, data: { type: 'users', id: 'U' } } },
    },
    {
      ...{ type: 'machines', id: 'M', attributes: {}, links: { self: '/v1/accounts/A/machines/M' } },
      relationships: {
        owner: { links: { related: '/v1/accounts/A/machines/M/owner' }, data: null },
        user: { links: { related: '/v1/accounts/A/machines/M/user' }, data: { type: 'users', id: 'U' } },
      },
    },
  ],
});
