// Runs on whatever Node the machine has: installs what is missing, then starts the server on the pinned Node.
import { serverFlags, startEnvironment } from './server-flags.mjs';
import { prepare, run } from './toolchain.mjs';

prepare();
process.exit(await run('node', [...serverFlags, 'server/src/main.ts'], startEnvironment));
