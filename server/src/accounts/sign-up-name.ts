/** The slug and the name of a new account, as far as they follow from its founder's e-mail address (spec/accounts.md 4.3). Pure. */
import { randomInt } from 'node:crypto';
import { toAscii } from '../kernel/http/keys.ts';
import type { DomainClass } from './email-domains.ts';

/** Text as a slug. @param text in lower case */
export const slugified = (text: string): string =>
  toAscii(text)
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .replaceAll('_', '-');

export interface Given {
  slug?: string | undefined;
  name?: string | undefined;
}

/** @param classOf the class of the founder's domain: one that anybody can have an address at names no company */
export function accountName(given: Given, email: string, classOf: (domain: string) => DomainClass): { slug: string; name: string; shared: boolean } {
  const at = email.lastIndexOf('@');
  const [local, host] = [email.slice(0, at), email.slice(at + 1)];
  if (classOf(host) !== 'work') return { slug: slugified(local), name: local, shared: true };
  return { slug: given.slug?.toLowerCase() ?? slugified(host), name: given.name ?? host, shared: false };
}

const adjectives = [
  'amber',
  'bold',
  'brave',
  'bright',
  'calm',
  'clever',
  'crisp',
  'fair',
  'gentle',
  'golden',
  'happy',
  'keen',
  'lively',
  'lucky',
  'mellow',
  'noble',
];
const nouns = [
  'badger',
  'brook',
  'cedar',
  'cloud',
  'comet',
  'falcon',
  'forest',
  'harbor',
  'island',
  'lantern',
  'maple',
  'meadow',
  'otter',
  'river',
  'sparrow',
  'willow',
];
const anyOf = (words: readonly string[]): string => words[randomInt(words.length)]!;

/** The slug with a random ending that people can read. */
export const distinguished = (slug: string): string => [slug, anyOf(adjectives), anyOf(nouns), randomInt(10_000)].filter((part) => part !== '').join('-');
