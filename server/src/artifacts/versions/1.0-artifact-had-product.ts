import { versionChange } from '../../kernel/versions/change.ts';
import { showingArtifacts } from './routes.ts';

export default versionChange({
  name: '1.0-artifact-had-product',
  until: '1.0',
  row: 19,
  says: 'Artifacts have the relationship `product`.',
  on: showingArtifacts,
  resources: {
    artifacts({ relationships, older }) {
      if (!relationships || !older) return;
      const { account, id } = older.product as { account: string; id: string };
      relationships.product = { links: { related: `${account}/products/${id}` }, data: { type: 'products', id } };
    },
  },
  example: [
    { type: 'artifacts', id: 'F', attributes: {}, relationships: {}, older: { product: { account: '/v1/accounts/A', id: 'P' } } },
    {
      ...{ type: 'artifacts', id: 'F', attributes: {} },
      relationships: { product: { links: { related: '/v1/accounts/A/products/P' }, data: { type: 'products', id: 'P' } } },
    },
  ],
});
