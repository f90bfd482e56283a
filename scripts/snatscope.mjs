// `npm run -s snatscope -- ARGUMENTS`: the command line from the checkout. Nothing but the report on stdout.
import { runCli } from './cli.mjs';
import { ready } from './ready.mjs';
import { startWindow } from './start.mjs';

const args = process.argv.slice(2);
ready();
if (args[0] === 'open') await startWindow(args.slice(1));
else process.exit(runCli(args));
