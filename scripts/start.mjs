// Runs on whatever Node the machine has: installs what is missing, then starts the server on the pinned Node.
import { serverFlags } from './server-flags.mjs';
import { prepare, root, run } from './toolchain.mjs';

prepare();
// What Node makes of our sources is kept, which halves the time of the next start.
process.exit(await run('node', [...serverFlags, 'server/src/main.ts'], { NODE_COMPILE_CACHE: `${root}node_modules/.cache/latchkey` }));
