// How Node runs the server: V8 lets a heap grow to several times what lives in it before it looks for garbage; beside a database on a small machine less is better.
export const serverFlags = ['--heap-growing-percent=60', '--max-semi-space-size=16'];
