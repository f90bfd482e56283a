// The part of a sample's README that depends on the recording: the files with their packets, and chosen connections
// followed from point to point with the ports that this recording has.
import { legKey } from './legs.mjs';

const begin = '<!-- recorded: begin -->';
const end = '<!-- recorded: end -->';

/** Replaces what stands between the two marks of a README. */
export function renewReadme(readme, text) {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the README has no lines "${begin}" and "${end}"`);
  return `${readme.slice(0, from + begin.length)}\n\n${text}\n\n${readme.slice(to)}`;
}

/** `walks` are [{ title, proto, point, flow }]: a connection by its leg at the first point. */
export function walkText(truth, points, legsOf, walks) {
  const width = Math.max(...points.map((file) => file.length));
  const files = points.map((file) => {
    const legs = [...legsOf(file).values()];
    const packets = legs.reduce((sum, leg) => sum + leg.packets, 0);
    const count = (proto) => `${legs.filter((leg) => leg.proto === proto).length} ${proto}`;
    return `${file.padEnd(width)}  ${String(packets).padStart(5)} packets  ${['tcp', 'udp', 'icmp'].map(count).join(', ')}`;
  });
  const blocks = walks.map(({ title, proto, point, flow }) => {
    const paths = pathsFrom(truth, proto, { file: point, flow });
    const lines = paths.map((path) => path.map((leg) => legLine(leg, width, legsOf, proto)).join('\n'));
    return `${title}\n\n${fenced(lines.join('\n\n'))}`;
  });
  return [`The files (flows by protocol):\n\n${fenced(files.join('\n'))}`, ...blocks].join('\n\n');
}

const fenced = (text) => '```text\n' + text + '\n```';

/** All ways from a leg outwards; a tuple that was used again has one way for each use. */
function pathsFrom(truth, proto, leg) {
  const key = legKey(proto, leg.flow);
  const next = truth.pairs.filter(
    ({ a, ...pair }) => pair.proto === proto && a.file === leg.file && legKey(proto, a.flow) === key,
  );
  return next.length === 0
    ? [[leg]]
    : next.flatMap(({ b }) => pathsFrom(truth, proto, b).map((path) => [leg, ...path]));
}

function legLine({ file, flow }, width, legsOf, proto) {
  const { packets, syns } = legsOf(file).get(legKey(proto, flow));
  const arrow = flow.replace('>', ' > ');
  return `${file.padEnd(width)}  ${arrow.padEnd(45)}  ${packets} packets${syns.length > 0 ? `, ${syns.length} SYN` : ''}`;
}
