import { versionChange } from '../../kernel/versions/change.ts';

export default versionChange({
  name: '1.1-overage-was-invalid',
  until: '1.1',
  row: 11,
  says: 'A validation that an overage strategy or expiration strategy lets pass has meta.valid true; before, only the codes VALID and EXPIRED could be valid.',
  on: ['licenses.actions.{quick-validate,validate,validate-key}'],
  meta(meta) {
    if (meta.valid === true && meta.code !== 'VALID' && meta.code !== 'EXPIRED') meta.valid = false;
  },
});
