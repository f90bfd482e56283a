// Compares our reader with pcap-parser on one capture after the other; `public-captures.mjs` watches, since pcap-parser
// may not end.
import * as fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';

const { comparedWithPcapParser } = await import(workerData.target);

parentPort.on('message', async (file) => {
  try {
    parentPort.postMessage({ compared: await comparedWithPcapParser(bytesOf(file)) });
  } catch (error) {
    parentPort.postMessage({ compared: { packets: 0, differences: [`pcap-parser failed: ${error.message}`] } });
  }
});
parentPort.postMessage({ ready: true });

function bytesOf(file) {
  const bytes = fs.readFileSync(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new Uint8Array(bytes);
  try {
    return new Uint8Array(gunzipSync(bytes));
  } catch {
    // Damaged, or no gzip at all.
    return new Uint8Array(bytes);
  }
}
