export const serverFlags: string[];
export const serverEnvironment: Record<string, string>;
export const startEnvironment: Record<string, string>;
