// Runs on whatever Node the machine has: installs what is missing, then starts the server on the pinned Node.
import { serverEnvironment, serverFlags } from './server-flags.mjs';
import { prepare, root, run } from './toolchain.mjs';

prepare();
// What Node makes of our sources is kept, which halves the time of the next start.
const environment = { ...serverEnvironment, NODE_COMPILE_CACHE: `${root}node_modules/.cache/latchkey` };
process.exit(await run('node', [...serverFlags, 'server/src/main.ts'], environment));
