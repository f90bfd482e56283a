// `npm run check`: what can be said without a window, in a minute or two. Format, lint, types, unused code, unit tests.
import { verify } from './verify.mjs';

verify(['unit']);
