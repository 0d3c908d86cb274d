/** Which e-mail domains belong to a company, and which to anybody (spec/accounts.md 4.5). */
import { readFileSync } from 'node:fs';
import type { KernelConfig } from '../kernel/config.ts';

const listed = (name: 'free' | 'disposable'): ReadonlySet<string> =>
  new Set(
    readFileSync(new URL(`email-domains/${name}.txt`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  );

let lists: Record<'free' | 'disposable', ReadonlySet<string>> | undefined;
const educational = /\.edu$|\.(?:edu|ac)\.[a-z]{2}$/;

export type DomainClass = 'free' | 'disposable' | 'educational' | 'work';

/** @param domain in lower case @param more what the operator adds to each class */
export function domainClass(domain: string, more: KernelConfig['emailDomains']): DomainClass {
  lists ??= { free: listed('free'), disposable: listed('disposable') };
  if (lists.free.has(domain) || more.free.includes(domain)) return 'free';
  if (lists.disposable.has(domain) || more.disposable.includes(domain)) return 'disposable';
  return educational.test(domain) || more.educational.includes(domain) ? 'educational' : 'work';
}
