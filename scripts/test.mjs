// `npm test`: everything. The checks, then all test projects of vitest.config.ts.
import { verify } from './verify.mjs';

verify(['unit', 'integration', 'desktop']);
