import { snakeKey } from '../../http/keys.ts';
import { versionChange } from '../change.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;

/** Keys in snake case, of objects directly inside a list too; lists inside lists stay as they are. */
function respelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? respelled(item) : item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [snakeKey(key), respelled(item)]));
}

/** spec/http.md 13.4, #6 */
export default versionChange({
  name: '1.4-nested-metadata-keys',
  until: '1.4',
  row: 6,
  says: 'Keys of metadata are in camel case at the first level only; below it they are in snake case.',
  on: 'all',
  everyResource({ attributes }) {
    const { metadata } = attributes;
    if (isObject(metadata)) attributes.metadata = Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, respelled(value)]));
  },
  example: [
    { id: '1', type: 'users', attributes: { metadata: { parentKey: { childKey: 1 }, aList: [{ anItem: { deepKey: 1 } }, [{ keptKey: 1 }], 'aB'] } } },
    { id: '1', type: 'users', attributes: { metadata: { parentKey: { child_key: 1 }, aList: [{ an_item: { deep_key: 1 } }, [{ keptKey: 1 }], 'aB'] } } },
  ],
});
