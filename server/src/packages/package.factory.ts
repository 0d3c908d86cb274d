import { withDimensions } from '../dimensions/dimension.factory.ts';
import { engines } from '../engines/engine.table.ts';
import { factory } from '../testkit/factory.ts';
import { packageKey } from './package.key.ts';
import { packages } from './package.table.ts';

/** `engine` is an engine's key. */
export const packageFactory = factory({
  type: 'release_package',
  table: packages,
  parents: { product_id: 'product' },
  aliases: { release_engine_id: 'engine_id' },
  async defaults({ sequence, find }, given) {
    const product = await find('product', { id: given.product_id });
    return { name: `Package ${sequence}`, key: `package-${sequence}`, environment_id: product?.environment_id };
  },
  async prepare(context, attributes, how) {
    const columns = await withDimensions(context, attributes, { engine: { table: engines } });
    const before = how === 'update' ? await context.find('release_package', { id: attributes.id }) : undefined;
    const { engine_id = before?.engine_id } = columns;
    const engine = engine_id ? await context.find('release_engine', { id: engine_id }) : undefined;
    return { columns: typeof columns.key === 'string' ? { ...columns, key: packageKey(columns.key, (engine?.key as string | undefined) ?? null) } : columns };
  },
});
