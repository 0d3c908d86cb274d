import { rename, versionChange } from '../../kernel/versions/change.ts';

export default versionChange({
  name: '1.1-code-was-constant',
  until: '1.1',
  row: 12,
  says: 'The code of a validation is meta.code; before, it was meta.constant.',
  on: ['licenses.actions.{quick-validate,validate,validate-key}'],
  meta(meta) {
    if ('valid' in meta) rename(meta, 'code', 'constant');
  },
});
