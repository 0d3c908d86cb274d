/** spec/distribution.md 6.1 */
export const engineKeys = ['pypi', 'tauri', 'raw', 'rubygems', 'npm', 'oci'] as const;
