import { prepare, run } from './toolchain.mjs';

prepare();
process.exit(await run('vitest', ['run', ...process.argv.slice(2)]));
