import { rename, versionChange } from '../../kernel/versions/change.ts';

/** spec/http.md 13.4 row 3 */
export default versionChange({
  name: '1.5-owner-was-user',
  until: '1.5',
  row: 3,
  says: "A license's owner is the relationship `owner`; it was called `user`.",
  on: [
    'licenses.{list,show,create,update,user.update}',
    'licenses.actions.{validate,quick-validate,validate-key,increment-usage,decrement-usage,reset-usage,check-in,renew,suspend,reinstate}',
    '{products,policies,users,groups}.licenses.{list,show}',
    '{machines,components,processes}.license.show',
  ],
  resources: {
    licenses({ relationships }) {
      const owner = relationships?.owner;
      if (!owner) return;
      owner.links = { related: owner.links!.related!.replace(/owner$/, 'user') };
      rename(relationships, 'owner', 'user');
    },
  },
  example: [
    { type: 'licenses', id: 'L', attributes: {}, relationships: { owner: { links: { related: '/v1/accounts/A/licenses/L/owner' }, data: null } } },
    { type: 'licenses', id: 'L', attributes: {}, relationships: { user: { links: { related: '/v1/accounts/A/licenses/L/user' }, data: null } } },
  ],
});
