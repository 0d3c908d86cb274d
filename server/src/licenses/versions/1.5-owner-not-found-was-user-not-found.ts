import { versionChange } from '../../kernel/versions/change.ts';

/** spec/http.md 13.4 row 4 */
export default versionChange({
  name: '1.5-owner-not-found-was-user-not-found',
  until: '1.5',
  row: 4,
  says: 'An unknown owner of a license is reported as `OWNER_NOT_FOUND` at `/data/relationships/owner`; it was `USER_NOT_FOUND` at `/data/relationships/user`.',
  on: ['licenses.{create,update,user.update}'],
  errors: {
    status: 422,
    rewrite(error) {
      if (error.code !== 'OWNER_NOT_FOUND') return;
      error.code = 'USER_NOT_FOUND';
      error.source = { pointer: '/data/relationships/user' };
    },
  },
});
