// The little of DNS (RFC 1035) that the lab's client and server speak: one question, A and AAAA answers.

export const recordType = { A: 1, AAAA: 28 };

export function encodeQuery(id, name, type) {
  const recursionDesired = 0x0100;
  return Buffer.concat([header(id, recursionDesired, 0), question(name, recordType[type])]);
}

export function decodeQuestion(message) {
  const labels = [];
  let at = 12;
  while (message[at] !== 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
    at += 1 + message[at];
  }
  return { id: message.readUInt16BE(0), name: labels.join('.'), type: message.readUInt16BE(at + 1) };
}

/** Answers a query with addresses given as text; `undefined` stands for a name that does not exist. */
export function encodeAnswer(query, addresses) {
  const { id, name, type } = decodeQuestion(query);
  const flags = addresses === undefined ? 0x8183 : 0x8180;
  const records = (addresses ?? []).map((address) => {
    const data = type === recordType.AAAA ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name, as a pointer to the question
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(60, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([header(id, flags, records.length), question(name, type), ...records]);
}

function header(id, flags, answers) {
  const bytes = Buffer.alloc(12);
  [id, flags, 1, answers].forEach((value, i) => bytes.writeUInt16BE(value, i * 2));
  return bytes;
}

function question(name, type) {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...labels, Buffer.from([0, 0, type, 0, 1])]);
}

/** Text with one `::` and no embedded IPv4, as the lab's zone writes it. */
function ipv6Bytes(text) {
  const [head, tail = ''] = text.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
