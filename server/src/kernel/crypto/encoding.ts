/** base64url of bytes, or of a text's UTF-8, **with** `=` padding: "b64u" of spec/validation.md 13. */
export function base64urlPadded(data: string | Uint8Array): string {
  return asBuffer(data).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** base64url without padding. */
export function base64url(data: string | Uint8Array): string {
  return asBuffer(data).toString('base64url');
}

/** Standard base64 with padding, on one line. */
export function base64(data: string | Uint8Array): string {
  return asBuffer(data).toString('base64');
}

/** Bytes of either base64 alphabet, padded or not. Lenient: other characters are skipped, and the first `=` ends the text. */
export function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

/** The bytes of a text that is exactly what `encode` makes of them, else undefined: unlike `fromBase64`, no two texts give the same bytes. */
export function decodeExactly(text: string, encode: (bytes: Uint8Array) => string): Buffer | undefined {
  const bytes = fromBase64(text);
  return encode(bytes) === text ? bytes : undefined;
}

/** A text's UTF-8, or a view (no copy) of the bytes. */
export function asBuffer(data: string | Uint8Array): Buffer {
  return typeof data === 'string' ? Buffer.from(data, 'utf8') : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
