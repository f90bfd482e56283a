// What an application's message is recognised as: a name in one line, since that is how people recognise their connection,
// and its fields for the packet's detail. A reader of a protocol returns null where the bytes are none of its messages; it
// reads only what was captured and takes a cut message for what is there of it.

export interface ApplicationField {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface ApplicationMessage {
  /** The protocol, as a layer of the detail: 'TLS'. */
  readonly layer: string;
  /** 'TLS ClientHello example.com', 'GET /cart HTTP/1.1', 'DNS A shop.example.com?'. */
  readonly name: string;
  readonly fields: readonly ApplicationField[];
}

/** Printable ASCII of `bytes[start..end)`, other bytes as dots. */
export function printable(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return text;
}
