/**
 * Prepared statements for the embedded database. PGlite parses and plans each query anew, which for our joins costs several times what running them does.
 * This keeps each text as a named statement: its messages are PostgreSQL's own protocol, and the ones that prepare are answered from memory the next time.
 */
import type { PGlite } from '@electric-sql/pglite';

type Stream = PGlite['execProtocolStream'];
type Messages = Awaited<ReturnType<Stream>>;

interface Statement {
  name: string;
  description?: Messages;
}

const capacity = 1000;
const [parse, bind, describe, close] = ['P', 'B', 'D', 'C'].map((letter) => letter.charCodeAt(0));
const [ofStatement] = Buffer.from('S');
const parsed = [{ name: 'parseComplete', length: 5 }] as unknown as Messages;

/** A message of the frontend: its letter, its length, and what follows. */
function message(letter: number, ...parts: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head[0] = letter;
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const terminated = (text: string): Buffer => Buffer.from(`${text}\0`);

/** Whether a text changes what other texts mean. An UPDATE has a SET, too, and what is set for a transaction is gone with it. */
const redefines = (text: string): boolean => /^\s*(?:create|alter|drop|set(?!\s+local)|reset|discard|deallocate)\b/i.test(text);

class Statements {
  readonly #send: Stream;
  readonly #known = new Map<string, Statement>();
  #current: Statement | undefined;
  #count = 0;

  constructor(send: Stream) {
    this.#send = send;
  }

  handle: Stream = async (bytes, options) => {
    switch (bytes[0]) {
      case parse:
        return this.#parse(bytes, options);
      case bind:
        return this.#bind(bytes, options);
      case describe:
        return bytes[5] === ofStatement ? this.#describe(bytes, options) : (this.#rowDescription() ?? this.#send(bytes, options));
      default:
        return this.#send(bytes, options);
    }
  };

  async #parse(bytes: Uint8Array, options: Parameters<Stream>[1]): Promise<Messages> {
    this.#current = undefined;
    // Behind the head stands the name, which is empty, and then the text.
    const rest = Buffer.from(bytes.subarray(6));
    if (bytes[5] !== 0) return this.#send(bytes, options);
    const key = rest.toString('latin1');
    const known = this.#known.get(key);
    if (known) {
      this.#current = known;
      return parsed;
    }
    if (redefines(key)) {
      while (this.#known.size > 0) await this.#forgetOldest(options);
      return this.#send(bytes, options);
    }
    const statement: Statement = { name: `latchkey_${++this.#count}` };
    const answer = await this.#send(message(parse!, terminated(statement.name), rest), options);
    if (this.#known.size >= capacity) await this.#forgetOldest(options);
    this.#known.set(key, statement);
    this.#current = statement;
    return answer;
  }

  async #forgetOldest(options: Parameters<Stream>[1]): Promise<void> {
    const [key, oldest] = this.#known.entries().next().value!;
    this.#known.delete(key);
    await this.#send(message(close!, Buffer.from('S'), terminated(oldest.name)), options);
  }

  async #describe(bytes: Uint8Array, options: Parameters<Stream>[1]): Promise<Messages> {
    const statement = this.#current;
    if (!statement) return this.#send(bytes, options);
    statement.description ??= await this.#send(message(describe!, Buffer.from('S'), terminated(statement.name)), options);
    return statement.description;
  }

  /** A portal's columns are its statement's. */
  #rowDescription(): Messages | undefined {
    return this.#current?.description?.filter(({ name }) => name === 'rowDescription' || name === 'noData');
  }

  async #bind(bytes: Uint8Array, options: Parameters<Stream>[1]): Promise<Messages> {
    const statement = this.#current;
    // The portal and the statement, both without a name, and then the values.
    if (!statement || bytes[5] !== 0 || bytes[6] !== 0) return this.#send(bytes, options);
    return this.#send(message(bind!, terminated(''), terminated(statement.name), Buffer.from(bytes.subarray(7))), options);
  }
}

/** Makes a client prepare each text once. */
export function prepareStatements(client: PGlite): PGlite {
  const statements = new Statements(client.execProtocolStream.bind(client));
  client.execProtocolStream = statements.handle;
  return client;
}
