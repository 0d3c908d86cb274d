import { versionChange } from '../../kernel/versions/change.ts';

const told = new Set(['EMAIL_REQUIRED', 'EMAIL_INVALID', 'PASSWORD_REQUIRED', 'PASSWORD_INVALID', 'PASSWORD_NOT_SUPPORTED']);

/** spec/http.md 13.4, #1 */
export default versionChange({
  name: '1.7-credentials-were-invalid',
  until: '1.7',
  row: 1,
  says: 'When a sign-in is refused, the error no longer says which of e-mail and password is wrong: its code is `CREDENTIALS_INVALID`.',
  on: ['tokens.create'],
  errors: {
    status: 401,
    rewrite(error) {
      if (error.code === undefined || !told.has(error.code)) return;
      error.code = 'CREDENTIALS_INVALID';
      error.detail = 'email and password must be valid';
    },
  },
});
