// The command line. Standard output holds nothing but what was asked for; progress and complaints go to standard error.
import { VERSION } from '../shared/version.ts';
import { UsageError } from './arguments.ts';
import { inspect } from './inspect.ts';
import { report } from './report.ts';

const HELP = `Snatscope ${VERSION}: where and how a packet's source address changed, from captures taken along its path.

  snatscope report [options] PATH…    correlate the captures and print the path, every connection, and what was not seen
  snatscope inspect [--format text|json] [--follow] [--max-expansion N] PATH…
                                      what each file is: format, points, packets, times, issues; nothing is correlated
  snatscope --help | --version

A PATH is a capture (pcap, pcapng or snoop, also in gzip, zstd or lz4), what conntrack -L or -E, iptables-save
or nft list ruleset printed, a folder of these, or - for a capture on standard input.

Options of report:
  --format FORMAT          text (the default), json, csv, md, html, or svg: the path map, of one connection where a
                           filter leaves one: docs/exports.md
  --picture map|ladder     what an SVG shows; a ladder is of one connection: --filter 'id == j12'
  --out FILE               write there instead of to standard output
  --role FILE[#IFACE]=ROLE pod-veth, node-eth0, nat-inside, nat-outside, internet or other
  --host FILE=NAME         the machine that took a capture; those of one machine share its clock
  --order ROLE,…           the roles from the client to the server, where the packets are not to decide
  --conntrack FILE[@BOX]   such a dump and the box that it was taken at: node, nat, igw or other (else its name tells)
  --filter EXPR            only connections that pass it, in Wireshark's syntax: docs/filter.md (ip.src == 10.42.0.0/16 && lost)
  --time FROM..TO          only connections with packets then: ISO times, or seconds after the first packet
  --no-side-files          leave out the dumps that stand beside the captures of a folder
  --max-expansion N        how many times its size a compressed capture may grow to: 100 is the default, none is no limit

Options of both:
  --follow                 print again whenever more has arrived, until Ctrl+C, or until nothing can arrive any more;
                           JSON then takes a line an update. Compressed captures cannot be followed

Exit code: 0 done, 1 internal error, 2 usage, 3 some input could not be read (the rest is reported all the same).
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = { report, inspect };

async function run(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === '--version' || command === '-V') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (command === '--help' || command === '-h' || command === 'help' || rest.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const known = command === undefined ? undefined : COMMANDS[command];
  if (!known) {
    throw new UsageError(command === undefined ? 'no command was given' : `there is no command ${command}`);
  }
  return known(rest);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has gone: that is no failure of ours.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof UsageError) {
      process.stderr.write(`snatscope: ${error.message}\nTry: snatscope --help\n`);
      process.exitCode = 2;
      return;
    }
    process.stderr.write(
      `snatscope: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
