import { resource } from '../kernel/jsonapi/resource.ts';
import { dimensions } from './dimension.kinds.ts';

/** spec/distribution.md 12: `/channels`, `/platforms`, `/arches`, `/engines` */
export default dimensions.flatMap((dimension) =>
  resource(dimension, (on) => {
    on.list({ can: 'list', auth: 'optional' });
    on.show({ can: 'show', auth: 'optional' });
  }),
);
