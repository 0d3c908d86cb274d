/** What is measured, as the requests that clients send. */
import { type NextRequest, requestBytes } from './client.ts';
import { fingerprint, type Loaded, licenseId, licenseKey, machineId } from './data.ts';

export interface Scenario {
  name: string;
  /** The statuses that count; any other stops the benchmark. */
  status: string;
  next: NextRequest;
}

/** Spreads over all licenses, the same way in every run. */
const pick = (index: number, licenses: number): number => ((index * 7919) % licenses) + 1;

/** `run` keeps the machines of one run apart from those of another. */
export function scenarios({ accountId, adminToken, licenses }: Loaded, run: string): Scenario[] {
  const base = `/v1/accounts/${accountId}`;
  const admin = { authorization: `Bearer ${adminToken}` };
  const get = (path: string) => requestBytes('GET', `${base}${path}`, admin);
  const machine = (n: number, name: string) => ({
    data: { type: 'machines', attributes: { fingerprint: name }, relationships: { license: { data: { type: 'licenses', id: licenseId(n) } } } },
  });
  // The last one of page 999.
  const deep = licenseId(Math.max(1, licenses - 100 * 999));
  return [
    {
      name: 'validate-key, fingerprint scope',
      status: '200',
      next: (index) => {
        const n = pick(index, licenses);
        return requestBytes('POST', `${base}/licenses/actions/validate-key`, {}, { meta: { key: licenseKey(n), scope: { fingerprint: fingerprint(n) } } });
      },
    },
    {
      name: 'validate by id, license key auth',
      status: '200',
      next: (index) => {
        const n = pick(index, licenses);
        return requestBytes('POST', `${base}/licenses/${licenseId(n)}/actions/validate`, { authorization: `License ${licenseKey(n)}` }, { meta: {} });
      },
    },
    {
      name: 'machine activation',
      status: '201',
      next: (index) => requestBytes('POST', `${base}/machines`, admin, machine(pick(index, licenses), `${run}-${index}`)),
    },
    {
      name: 'heartbeat ping',
      status: '200',
      next: (index) => requestBytes('POST', `${base}/machines/${machineId(pick(index, licenses))}/actions/ping`, admin),
    },
    { name: 'list of 100, first page', status: '200', next: () => get('/licenses?limit=100') },
    { name: 'list of 100, page 1,000', status: '200', next: () => get(`/licenses?page[cursor]=${deep}&page[size]=100`) },
    { name: 'show', status: '200', next: (index) => get(`/licenses/${licenseId(pick(index, licenses))}`) },
  ];
}
