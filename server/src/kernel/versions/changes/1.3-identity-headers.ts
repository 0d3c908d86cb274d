import { versionChange } from '../change.ts';

/** spec/http.md 13.4, #9 */
export default versionChange({
  name: '1.3-identity-headers',
  until: '1.3',
  row: 9,
  says: 'The headers that name account, bearer and token end in `-Id`.',
  on: 'all',
  headers: { 'Keygen-Account': 'Keygen-Account-Id', 'Keygen-Bearer': 'Keygen-Bearer-Id', 'Keygen-Token': 'Keygen-Token-Id' },
});
