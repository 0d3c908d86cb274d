/** The tolerant JSON parser: slower than the native one, for what the native one refuses or loses (spec/http.md 4.1). */
import { Float, type Json, type JsonObject, put } from './json-value.ts';
import { WireError } from './wire-error.ts';

/** Containers within containers; deeper bodies are refused, so that no walk over a body can exhaust the stack. */
export const maximumDepth = 512;

/** More digits are refused: turning a text into a BigInt costs more than linear time, and nothing on the wire may be longer than 16384 bytes. */
const maximumDigits = 20_000;

const blank = /[ \t\n\r]*/y;
const lineComment = /\/\/[^\n]*/y;
const plainText = /[^"\\]*/y;
const numeral = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const unicode = /[0-9a-fA-F]{4}/y;

const words: { [word: string]: Json } = { true: true, false: false, null: null };
const escapes: { [letter: string]: string } = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class Parser {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  fail(what: string): never {
    throw new WireError('JSON_INVALID', `${what} at character ${this.at}`);
  }

  /** What a sticky pattern finds here, stepping over it; '' where it does not match. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  /** White space and comments. */
  skip(): void {
    this.take(blank);
    while (this.text[this.at] === '/') {
      if (this.text[this.at + 1] === '*') {
        const end = this.text.indexOf('*/', this.at + 2);
        if (end < 0) this.fail('comment without an end');
        this.at = end + 2;
      } else if (this.take(lineComment) === '') this.fail('stray slash');
      this.take(blank);
    }
  }

  /** Steps over one character and the space behind it, if it stands here. */
  accept(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    this.skip();
    return true;
  }

  expect(character: string): void {
    if (!this.accept(character)) this.fail(`missing ${character}`);
  }

  document(): Json {
    this.skip();
    const value = this.value(0);
    if (this.at < this.text.length) this.fail('text after the value');
    return value;
  }

  /** A value with the space behind it. */
  value(depth: number): Json {
    const first = this.text[this.at];
    if (first === '{') return this.object(depth + 1);
    if (first === '[') return this.list(depth + 1);
    const value = first === '"' ? this.string() : this.wordOrNumber();
    this.skip();
    return value;
  }

  enter(depth: number): void {
    if (depth > maximumDepth) this.fail('nested too deeply');
    this.at += 1;
    this.skip();
  }

  object(depth: number): JsonObject {
    this.enter(depth);
    const object: JsonObject = {};
    if (this.accept('}')) return object;
    do {
      if (this.text[this.at] !== '"') this.fail('missing key');
      const key = this.string();
      this.skip();
      this.expect(':');
      put(object, key, this.value(depth));
    } while (this.accept(','));
    this.expect('}');
    return object;
  }

  list(depth: number): Json[] {
    this.enter(depth);
    const list: Json[] = [];
    if (this.accept(']')) return list;
    do list.push(this.value(depth));
    while (this.accept(','));
    this.expect(']');
    return list;
  }

  string(): string {
    this.at += 1;
    let result = this.take(plainText);
    while (this.text[this.at] === '\\') {
      this.at += 1;
      result += this.escape() + this.take(plainText);
    }
    if (this.text[this.at] !== '"') this.fail('text without an end');
    this.at += 1;
    return result;
  }

  /** The character that an escape stands for; an unknown escape stands for its letter. */
  escape(): string {
    const letter = this.text[this.at] ?? this.fail('text without an end');
    this.at += 1;
    if (letter !== 'u') return escapes[letter] ?? letter;
    const high = this.codeUnit();
    if (high < 0xd800 || high > 0xdfff) return String.fromCharCode(high);
    if (high > 0xdbff || !this.text.startsWith('\\u', this.at)) this.fail('lone surrogate');
    this.at += 2;
    const low = this.codeUnit();
    if (low < 0xdc00 || low > 0xdfff) this.fail('lone surrogate');
    return String.fromCharCode(high, low);
  }

  codeUnit(): number {
    const digits = this.take(unicode);
    if (digits === '') this.fail('malformed \\u escape');
    return Number.parseInt(digits, 16);
  }

  wordOrNumber(): Json {
    const name = this.take(word);
    if (name !== '') return words[name]!;
    const literal = this.take(numeral);
    if (literal === '') this.fail('missing value');
    const value = Number(literal);
    if (/[.eE]/.test(literal)) {
      if (!Number.isFinite(value)) this.fail('number out of range');
      return Number.isInteger(value) ? new Float(value) : value;
    }
    if (Number.isSafeInteger(value)) return value;
    if (literal.length > maximumDigits) this.fail('integer too long');
    return BigInt(literal);
  }
}

/** Parses JSON text with the tolerances of spec/http.md 4.1. Throws `WireError` JSON_INVALID for everything else, and beyond 512 levels. */
export function parseTolerant(text: string): Json {
  return new Parser(text).document();
}
