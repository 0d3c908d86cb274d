// Runs on whatever Node the machine has: installs what is missing, then starts the server on the pinned Node.
import { prepare, run } from './toolchain.mjs';

prepare();
process.exit(await run('node', ['server/src/main.ts']));
