// Bytes of a text file as text, in whatever encoding the shell that wrote it chose: PowerShell's `>` writes UTF-16.

export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  // TextDecoder leaves the byte order mark out.
  return new TextDecoder(encoding).decode(bytes);
}
