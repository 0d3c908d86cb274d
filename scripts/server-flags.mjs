import { fileURLToPath } from 'node:url';

// How Node runs the server: V8 lets a heap grow to several times what lives in it before it looks for garbage; beside a database on a small machine less is better.
export const serverFlags = ['--heap-growing-percent=60', '--max-semi-space-size=16'];
// The C library gives each thread a heap of its own, and big bodies leave holes in all of them: with one heap for all a process keeps a tenth less.
export const serverEnvironment = { MALLOC_ARENA_MAX: '1' };
// What Node makes of our sources is kept, which halves the time of the next start, and spares it the memory of the compiler.
export const startEnvironment = { ...serverEnvironment, NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url)) };
