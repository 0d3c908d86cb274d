import { fileURLToPath } from 'node:url';

// How Node runs the server: V8 lets a heap grow to several times what lives in it before it looks for garbage; beside a database on a small machine less is better.
// What its compiler frees on threads of its own leaves holes in the C library's heap, a tenth of all memory.
export const serverFlags = ['--heap-growing-percent=40', '--max-semi-space-size=16', '--no-maglev-destroy-on-background'];
// The C library gives each thread a heap of its own, and big bodies leave holes in all of them: with one heap for all a process keeps a tenth less.
// Where a block as big as a long body is given back by itself, it leaves none.
export const serverEnvironment = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' };
// What Node makes of our sources is kept, which halves the time of the next start, and spares it the memory of the compiler.
export const startEnvironment = { ...serverEnvironment, NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url)) };
