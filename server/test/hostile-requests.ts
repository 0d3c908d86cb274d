/** Requests that nobody should send, for the hostile test. */
import fc from 'fast-check';
import type { Param } from '../src/kernel/http/params.ts';
import type { Route } from '../src/kernel/http/route.ts';

const texts = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\n',
    '\ud83d\ude00',
    '\u202e',
    'actions',
    'null',
    '__proto__',
    'constructor',
    "' or 1=1 --",
    '%00',
    '../../etc/passwd',
    '{{7*7}}',
  ],
  ...[
    '0',
    '-1',
    '1e309',
    '9'.repeat(40),
    '2024-02-30',
    '2024-01-01T00:00:00Z',
    'P1Y',
    'a@b',
    'x@example.com',
    'https://example.com',
    'http://[',
    'x'.repeat(300),
    'é'.repeat(9000),
  ],
];
const numbers = [
  '0',
  '-1',
  '1',
  '2147483647',
  '2147483648',
  '-2147483649',
  '9223372036854775807',
  '9223372036854775808',
  '9'.repeat(60),
  '1.0',
  '1e3',
  '1.5',
  '-0',
  '1e400',
];

/** JSON as text, so that a value may be one that JavaScript does not have. */
type Text = fc.Arbitrary<string>;
const stringText: Text = fc.oneof(fc.constantFrom(...texts), fc.string(), fc.string({ unit: 'binary' })).map((text) => JSON.stringify(text));
const harmless: Text = fc.constantFrom('"good"', '"GOOD_1"', '"ann@example.com"', '"https://example.com/x"', '"2030-01-01T00:00:00Z"');
const harmlessAny: Text = fc.constantFrom('{}', '{"a":1}', '[]', '"good"');
const numberText: Text = fc.constantFrom(...numbers);
const anyText: Text = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(stringText, numberText, fc.constantFrom('null', 'true', 'false', '{}', '[]', '[null]', '"\\u0000"', '"\\ud800"')) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"a":{"b":{"c":{"d":{"e":1}}}}}',
      `{"__proto__":{"x":1}}`,
      '[[[[[[1]]]]]]',
      '{"a\\u0000":1}',
      `[${'1,'.repeat(200)}1]`,
      '{"":""}',
    ),
  },
);

/** Text of a value that a schema may or may not take; ids are those of records that exist. */
function textFor({ spec }: Param<unknown, boolean>, ids: readonly string[]): Text {
  const fitting = (): Text => {
    if (spec.oneOf) return fc.constantFrom(...spec.oneOf).map((text) => JSON.stringify(text));
    if (spec.children) {
      const members = Object.entries(spec.children).map(([name, child]) =>
        fc
          .tuple(fc.constant(name), textFor(child, ids), fc.nat(9))
          .map(([key, value, dice]) => (child.spec.required ? dice > 0 : dice > 5) && `${JSON.stringify(key)}:${value}`),
      );
      return fc.tuple(...members).map((parts) => `{${parts.filter(Boolean).join(',')}}`);
    }
    if (spec.items) return fc.array(textFor(spec.items, ids), { maxLength: 4 }).map((items) => `[${items.join(',')}]`);
    if (spec.kind === 'integer') return numberText;
    if (spec.kind === 'boolean') return fc.constantFrom('true', 'false');
    if (spec.kind === 'uuid') return fc.constantFrom(...ids).map((id) => JSON.stringify(id));
    return spec.kind === 'string' || spec.kind === 'time'
      ? fc.oneof({ weight: 3, arbitrary: harmless }, { weight: 1, arbitrary: stringText })
      : fc.oneof(harmlessAny, anyText);
  };
  return fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constant(1) }).chain((odd) => (odd === null ? fitting() : anyText));
}

const deep = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);
const rawBodies: fc.Arbitrary<string | Buffer> = fc.oneof(
  anyText,
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    '{',
    '"',
    '/*',
    '//',
    '\ufeff{}',
    '{"data":1}=',
    '{"a":1,"a":2}',
    deep(50_000, '[', ']'),
    deep(50_000, '{"a":', '}'),
    `[${'['.repeat(100_000)}`,
    `"${'x'.repeat(1_000_000)}"`,
    '9'.repeat(100_000),
  ),
);

const segments = [
  ...[
    '%00',
    '%0A',
    '%ff',
    '%',
    '%4',
    '..',
    '.',
    '%2e%2e',
    '%2F',
    '-',
    '~',
    'a.json',
    'x'.repeat(3000),
    '%F0%9F%98%80',
    'actions',
    '0',
    'null',
    '__proto__',
    '{}',
    '|',
    ';a=b',
    '%25',
  ],
];
const queries = [
  ...[
    '',
    'a',
    '=',
    '&&',
    '%',
    'a=%ff',
    'a[b',
    'a[]=1&a[b]=2',
    'limit=-1',
    'limit=9e99',
    'page[number]=1&page[size]=1',
    'page[cursor]=x',
    'page[cursor]=',
    'page=1',
    'order=x',
    'order=asc',
  ],
  ...[
    'token=x',
    'auth=license:%00',
    'environment=%00',
    'account_id=%00',
    'metadata[a]=%00',
    'metadata[__proto__]=1',
    'metadata[a][b][c]=1',
    'include=a,b,%00',
    'prefer[]=x',
    `a${'[b]'.repeat(33)}=1`,
  ],
  ...[
    'date[start]=x&date[end]=y',
    'status=%00',
    'product=%00',
    'user=%00',
    `q=${'x'.repeat(5000)}`,
    'expires[within]=P9999999Y',
    'activations[gt]=99999999999999999999',
    'ttl=99999999999999999999999',
  ],
];
const headerValues: Record<string, string[]> = {
  accept: ['*/*', 'text/html', 'application/json', '', ',', 'a/b;q=x', 'x'.repeat(2000)],
  'content-type': ['application/json', 'application/xml', 'nonsense', '', 'multipart/form-data', 'application/json; charset=utf-16'],
  'keygen-version': ['1.0', '1.1', '1.4', '1.5', '1.7', '1.8', '9', ''],
  'keygen-environment': ['', 'none', 'sandbox', '\xff'],
  'keygen-accept-signature': ['algorithm="rsa-pss-sha256"', 'algorithm="ecdsa-p256"', '"', 'x'.repeat(2000)],
  cookie: ['session_id=x', 'session_id=%00', '=;=;'],
  origin: ['https://a.example', 'null', ''],
  prefer: ['no-download', ','],
  'x-forwarded-for': ['1.2.3.4', 'nonsense', '::1, ,', 'x'.repeat(1000)],
  'x-request-start': ['t=1', '9'.repeat(30), 'x'],
  'user-agent': ['\xff', 'electron-builder'],
  'transfer-encoding': ['chunked'],
};
const odd = Object.entries(headerValues).map(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values)));
const headersArbitrary = fc.array(fc.oneof(...odd), { maxLength: 2 }).map((pairs) => Object.fromEntries(pairs) as Record<string, string>);
const credentials = [
  'admin',
  'license',
  'none',
  'Bearer x',
  'Basic eDp5',
  'Basic !',
  'License \xff',
  'Bearer ',
  'Basic OjpAOg==',
  'Bearer token="',
  'Nonsense',
];

/** Stands for the id of a record of the collection that the path names. */
export const fittingName = 'fitting';

/** A request to a route. @param ids of records that exist */
export const requestOf = (route: Route, ids: readonly string[]) =>
  fc.record({
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...route.methods) },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE') },
    ),
    names: fc.array(
      fc.oneof(
        { weight: 14, arbitrary: fc.constant(fittingName) },
        { weight: 2, arbitrary: fc.constantFrom(...ids) },
        { weight: 2, arbitrary: fc.constantFrom(...segments) },
      ),
      {
        minLength: 4,
        maxLength: 4,
      },
    ),
    query: fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: fc.constantFrom(...queries) },
      { weight: 1, arbitrary: fc.string().map((text) => encodeURIComponent(text.toWellFormed())) },
    ),
    body: fc.oneof({ weight: 5, arbitrary: route.body ? textFor(route.body, ids) : anyText }, { weight: 2, arbitrary: rawBodies }),
    headers: fc.oneof({ weight: 2, arbitrary: fc.constant({} as Record<string, string>) }, { weight: 1, arbitrary: headersArbitrary }),
    authorization: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('admin', 'admin', 'admin', 'license') },
      { weight: 1, arbitrary: fc.constantFrom(...credentials) },
    ),
    account: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...segments) }),
  });
