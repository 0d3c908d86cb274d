/** Texts in headers: clients write UTF-8, and Node passes headers on byte by byte. */
import { isUtf8 } from 'node:buffer';

/** @param header as Node has it @returns undefined when its bytes are no UTF-8 */
export function headerText(header: string): string | undefined {
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : undefined;
}

/** A text as Node sends it. Line breaks and the like, which no header can carry, become spaces. */
export const headerBytes = (text: string): string => Buffer.from(text.replace(/\p{Cc}/gu, ' ')).toString('latin1');
